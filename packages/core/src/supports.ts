import { compile } from "./compile.js";
import { tensor, zeros } from "./create-tensor.js";
import type { Device } from "./device.js";
import { add } from "./ops/arithmetic.js";
import { blockMatrix } from "./ops/matrices.js";
import { matmul } from "./ops/products.js";
import { quantizeBlocks } from "./quantize-blocks.js";
import type { Tensor } from "./tensor.js";
import { disposeTree } from "./tree.js";

/** Whether a device computes in float16 (WebGPU: `shader-f16`), found by trying. */
export function supportsFloat16(device: Device): Promise<boolean> {
  const one = () => tensor([1], { dtype: "float16" });
  return supports(device, "float16", (x) => add(x, 1), one);
}

/** Whether a device multiplies by a `blockMatrix` of so many bits, found by trying. */
export async function supportsBlockMatrix(device: Device, bits: 4 | 8): Promise<boolean> {
  const column = zeros([32, 1]);
  const matrix = await quantizeBlocks(column, bits);
  const product = (x: Tensor): Tensor => matmul(x, blockMatrix(matrix));
  try {
    return await supports(device, `${bits} bits`, product, () => zeros([1, 32]));
  } finally {
    disposeTree([column, matrix]);
  }
}

async function supports(
  device: Device,
  name: string,
  attempt: (x: Tensor) => Tensor,
  given: () => Tensor,
): Promise<boolean> {
  const run = compile(attempt, { device, name });
  const x = given();
  let y: Tensor | undefined;
  try {
    y = await run(x);
    await y.data();
    return true;
  } catch {
    return false;
  } finally {
    disposeTree([x, y]);
    await run.release().catch(() => undefined); // A program that did not load has nothing to free.
  }
}
