import { Random, tensor, treeTensors, type Weights } from "@hawksbill/core";
import { expect, test } from "vitest";
import { adamW } from "./adamw.js";
import { adamW8bit } from "./adamw-8bit.js";
import type { Optimizer } from "./optimizer.js";

const [inputs, outputs, rows] = [64, 8, 16];

/** Least squares with noise, its inputs of three orders of magnitude: where 400 steps lead. */
function leastSquares(make: (weights: Weights) => Optimizer): { w: Float32Array; loss: number } {
  const random = new Random(7);
  const truth = random.normal([inputs, outputs]).dataSync() as Float32Array;
  const weights = { w: tensor(new Float32Array(inputs * outputs), { shape: [inputs, outputs] }) };
  const w = weights.w.dataSync() as Float32Array;
  const optimizer = make(weights);
  const steps = 400;
  let loss = 0;
  for (let step = 0; step < steps; step++) {
    const x = random.normal([rows, inputs]).dataSync() as Float32Array;
    const noise = random.normal([rows, outputs]).dataSync() as Float32Array;
    x.forEach((value, i) => {
      x[i] = value * 10 ** ((-3 * (i % inputs)) / inputs);
    });
    const g = new Float32Array(w.length);
    loss = 0;
    for (let b = 0; b < rows; b++)
      for (let j = 0; j < outputs; j++) {
        let error = 0.1 * (noise[b * outputs + j] as number);
        for (let i = 0; i < inputs; i++)
          error += at(x, b * inputs + i) * (at(w, i * outputs + j) - at(truth, i * outputs + j));
        loss += error ** 2 / (rows * outputs);
        for (let i = 0; i < inputs; i++)
          g[i * outputs + j] = at(g, i * outputs + j) + (2 * error * at(x, b * inputs + i)) / rows;
      }
    const learningRate = 0.02 * (1 - step / steps);
    optimizer.step(weights, { w: tensor(g, { shape: [inputs, outputs] }) }, { learningRate });
  }
  return { w, loss };
}

const at = (x: Float32Array, i: number): number => x[i] as number;
const length = (x: Float32Array): number => Math.hypot(...x);

// Measured: 2.1 % and 3.5 %, with losses 1.1 % and 2.7 % higher.
test.each([0.96, 0.999])("with beta2 %f it ends within 4 % of float32's weights", (beta2) => {
  const options = { betas: [0.9, beta2], weightDecay: 0 } as const;
  const exact = leastSquares((weights) => adamW(weights, options));
  const coded = leastSquares((weights) => adamW8bit(weights, options));
  const distance = length(coded.w.map((x, i) => x - at(exact.w, i)));
  expect(distance / length(exact.w)).toBeLessThan(0.04);
  expect(distance).toBeGreaterThan(0);
  expect(Math.abs(coded.loss / exact.loss - 1)).toBeLessThan(0.04);
});

test("its state takes 2.03 bytes a weight, float32's 8", () => {
  const weights = { "a.weight": tensor(new Float32Array(2 ** 16), { shape: [256, 256] }) };
  const bytes = (optimizer: Optimizer): number =>
    treeTensors(optimizer.state.moments).reduce((sum, x) => sum + x.dataSync().byteLength, 0);
  expect(bytes(adamW(weights)) / 2 ** 16).toBe(8);
  expect(bytes(adamW8bit(weights)) / 2 ** 16).toBe(2 + 2 / 64);
});

test("elements without a gradient stay, though their block moves", () => {
  const weights = { a: tensor([1, 2, 3]) };
  const optimizer = adamW8bit(weights, { weightDecay: 0 });
  for (let i = 0; i < 5; i++) optimizer.step(weights, { a: tensor([1, 0, 0]) });
  expect(weights.a.dataSync().slice(1)).toEqual(Float32Array.of(2, 3));
});
