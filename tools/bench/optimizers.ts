/**
 * What steps on the host take, in nanoseconds of processor time a weight, the least of ten (PyTorch's AdamW: peer_block.py):
 *
 *   npx tsx --conditions=@hawksbill/source tools/bench/optimizers.ts
 */
import { Random, type Tensor, tensor } from "@hawksbill/core";
import { adamW, adamW8bit, lion, movingAverage, sgd } from "@hawksbill/trainer";

const size = 2 ** 24; // 64 MB: no array stays in a cache until the next step.
const random = new Random(1);
const noise = random.normal([2 ** 16]).dataSync() as Float32Array;
const weights = { w: repeated(1) };
const grads = { w: repeated(1e-3) };

function repeated(factor: number): Tensor {
  return tensor(
    Float32Array.from({ length: size }, (_, i) => factor * (noise[i % noise.length] as number)),
  );
}

const average = movingAverage(weights);
const steps = {
  adamW: adamW(weights),
  adamW8bit: adamW8bit(weights),
  lion: lion(weights),
  sgd: sgd(weights, { momentum: 0.9 }),
};
const works: Record<string, () => void> = { movingAverage: () => average.update(weights) };
for (const [name, optimizer] of Object.entries(steps)) {
  works[name] = () => optimizer.step(weights, grads, { learningRate: 1e-6 });
  works[`${name}, clipped`] = () =>
    optimizer.step(weights, grads, { learningRate: 1e-6, clip: { norm: 1 } });
}

const least: Record<string, number> = {};
for (let round = 0; round < 10; round++)
  for (const [name, work] of Object.entries(works)) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    least[name] = Math.min(
      least[name] ?? Number.POSITIVE_INFINITY,
      (1000 * (user + system)) / size,
    );
  }
for (const [name, nanoseconds] of Object.entries(least))
  console.log(`${name.padEnd(24)} ${nanoseconds.toFixed(2)} ns a weight`);
