import { compile } from "./compile.js";
import { tensor } from "./create-tensor.js";
import type { Device } from "./device.js";
import { add } from "./ops/arithmetic.js";
import { scope } from "./scope.js";
import type { Tensor } from "./tensor.js";

/** Whether a device computes in float16 (WebGPU: `shader-f16`), found by trying. */
export async function supportsFloat16(device: Device): Promise<boolean> {
  const plusOne = compile((x: Tensor) => add(x, 1), { device, name: "float16" });
  try {
    await scope(async () => {
      await (await plusOne(tensor([1], { dtype: "float16" }))).data();
    });
    return true;
  } catch {
    return false;
  } finally {
    await plusOne.release().catch(() => undefined); // A program that did not load has nothing to free.
  }
}
