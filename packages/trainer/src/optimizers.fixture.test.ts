/// <reference types="node" />
import { readFileSync } from "node:fs";
import { tensor, type Weights } from "@hawksbill/core";
import { expect, test } from "vitest";
import { adamW } from "./adamw.js";
import { lion } from "./lion.js";
import { movingAverage } from "./moving-average.js";
import type { Clip, Optimizer } from "./optimizer.js";
import { sgd } from "./sgd.js";

// Made by PyTorch 2.13 in float64: tools/fixtures/optimizers.py. Our states are float32: 2e-7 of their size.
const fixture = JSON.parse(
  readFileSync(new URL("../fixtures/optimizers.json", import.meta.url), "utf8"),
);
const tolerance = 2e-6;

interface Numbers {
  readonly matrix: readonly number[];
  readonly bias: readonly number[];
}

function weightsOf({ matrix, bias }: Numbers): Weights {
  return {
    matrix: tensor(Float32Array.from(matrix), { shape: [3, 4] }),
    bias: tensor(Float32Array.from(bias)),
  };
}

function numbersOf(weights: Weights): number[] {
  return [weights.matrix, weights.bias].flatMap((x) => Array.from(x?.dataSync() ?? [], Number));
}

function worst(got: readonly number[], wanted: readonly number[]): number {
  expect(got.length).toBe(wanted.length);
  return Math.max(...got.map((x, i) => Math.abs(x - (wanted[i] as number))));
}

const cases: readonly [string, (weights: Weights) => Optimizer, Clip?][] = [
  ["adamW", (w) => adamW(w, { learningRate: 0.1, weightDecay: 0.2 })],
  ["lion", (w) => lion(w, { learningRate: 0.1, weightDecay: 0.2 })],
  ["sgd", (w) => sgd(w, { learningRate: 0.1, weightDecay: 0.2 })],
  ["sgd momentum", (w) => sgd(w, { learningRate: 0.1, weightDecay: 0.2, momentum: 0.8 })],
  [
    "sgd nesterov",
    (w) => sgd(w, { learningRate: 0.1, weightDecay: 0.2, momentum: 0.8, nesterov: true }),
  ],
  ["sgd clipped all", (w) => sgd(w, { learningRate: 0.1 }), { norm: 1.5, by: "all" }],
  ["sgd clipped group", (w) => sgd(w, { learningRate: 0.1 }), { norm: 1.5, by: "group" }],
];

test.each(cases)("twelve steps of %s equal PyTorch's", (name, make, clip) => {
  const weights = weightsOf(fixture.start);
  const optimizer = make(weights);
  const after: number[] = [];
  for (const gradients of fixture.gradients) {
    optimizer.step(weights, weightsOf(gradients), { clip });
    after.push(...numbersOf(weights));
  }
  expect(worst(after, fixture.optimizers[name])).toBeLessThan(tolerance);
});

test("the moving average of twelve steps equals PyTorch's", () => {
  const weights = weightsOf(fixture.start);
  const average = movingAverage(weights, { decay: 0.75 });
  for (const gradients of fixture.gradients) {
    sgd(weights, { learningRate: 1 }).step(weights, weightsOf(gradients));
    average.update(weights);
  }
  expect(worst(numbersOf(average.weights), fixture.movingAverage)).toBeLessThan(tolerance);
});
