import { afterAll, inject } from "vitest";
import { type DeviceName, type Fallback, openDevice, supportsFloat16 } from "../src/index.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Where this folder's tests run; see tools/test-devices.mjs. */
    device?: DeviceName;
    /** Whether the device is known to lack the memory of `sideTooLarge`; else a GPU might have it. */
    isSmall?: boolean;
  }
  interface TaskMeta {
    /** The largest difference that the test saw, of |got - wanted| / max(1, |wanted|). */
    worst?: number;
  }
}

/** What the device left to the CPU. */
export const fallbacks: Fallback[] = [];

/** The device under test: the one that the vitest configuration provides, else what "auto" means here. */
export const device = await openDevice(inject("device") ?? "auto", {
  onFallback: (fallback) => fallbacks.push(fallback),
});
afterAll(() => device.close());

/** Whether the device computes in float16: a GPU may not. */
export const hasFloat16 = await supportsFloat16(device);
