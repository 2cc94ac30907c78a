import { afterAll, inject } from "vitest";
import {
  add,
  compile,
  type DeviceName,
  openDevice,
  scope,
  type Tensor,
  tensor,
} from "../src/index.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Where this folder's tests run; see tools/test-devices.mjs. */
    device?: DeviceName;
  }
  interface TaskMeta {
    /** The largest difference that the test saw, of |got - wanted| / max(1, |wanted|). */
    worst?: number;
  }
}

/** The device under test: the one that the vitest configuration provides, else what "auto" means here. */
export const device = await openDevice(inject("device") ?? "auto");
afterAll(() => device.close());

/** Whether the device computes in float16: a GPU may not. */
export const hasFloat16 = await scope(() =>
  compile((x: Tensor) => add(x, 1), { device })(tensor([1], { dtype: "float16" })),
).then(
  () => true,
  () => false,
);
