/**
 * Products on WebAssembly, one thread, in float32 and by a matrix in 8 bits, in Node: the same files as in browsers.
 *
 *   npx tsx --conditions=@hawksbill/source tools/bench/wasm-products.ts
 */
import { compile, int8Matrix, matmul, quantizeInt8, Random, type Tensor } from "@hawksbill/core";
import { platform } from "../../packages/core/src/onnxruntime.web.js";

const device = await platform.open("wasm", { threads: 1 });
const random = new Random(1);
const runs = 20;

/** Of this process; the better of two readings. */
async function processorMs(run: (x: Tensor) => Promise<Tensor>, x: Tensor): Promise<number> {
  const readings: number[] = [];
  for (let i = 0; i < 3; i++) {
    const began = process.cpuUsage();
    for (let j = 0; j < runs; j++) (await run(x)).dispose();
    const { user, system } = process.cpuUsage(began);
    readings.push((user + system) / 1000 / runs);
  }
  return Math.min(...readings.slice(1)); // The first has V8's first code.
}

for (const [rows, length, columns] of [
  [384, 192, 768],
  [384, 512, 2048],
  [384, 2048, 512],
] as const) {
  const x = random.normal([rows, length]);
  const matrix = random.normal([length, columns]);
  const rounded = int8Matrix(await quantizeInt8(matrix));
  const wide = await processorMs(
    compile((x: Tensor) => matmul(x, matrix), { device }),
    x,
  );
  const narrow = await processorMs(
    compile((x: Tensor) => matmul(x, rounded), { device }),
    x,
  );
  const rate = (ms: number): string =>
    `${ms.toFixed(1)} ms, ${((2 * rows * length * columns) / ms / 1e6).toFixed(0)} GFLOP/s`;
  console.log(
    `[${rows}, ${length}] by [${length}, ${columns}]: float32 ${rate(wide)}; int8 ${rate(narrow)}`,
  );
}
process.exit(0);
