import { compile } from "./compile.js";
import { full } from "./create-tensor.js";
import type { Device } from "./device.js";
import { matmul } from "./ops/products.js";
import { sum } from "./ops/reductions.js";
import type { Tensor } from "./tensor.js";

/** Of the square matrices: a product takes a CPU some milliseconds, so that starting a GPU does not decide. */
const width = 512;
const products = 4;
const runs = 3;

/** Milliseconds that a device takes for some products of matrices that are there already; Infinity if it cannot. */
export async function runtimeOfTest(device: Device): Promise<number> {
  const matrix = full([width, width], 1 / width);
  const program = compile(
    (x: Tensor) => {
      let y = x;
      for (let i = 0; i < products; i++) y = matmul(y, matrix);
      return sum(y);
    },
    { device, name: "test" },
  );
  try {
    const times: number[] = [];
    for (let i = 0; i <= runs; i++) {
      const began = performance.now();
      (await program(matrix)).dispose();
      times.push(performance.now() - began);
    }
    return Math.min(...times.slice(1)); // The first prepares.
  } catch {
    return Number.POSITIVE_INFINITY;
  } finally {
    matrix.dispose();
    await program.release();
  }
}
