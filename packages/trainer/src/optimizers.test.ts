import { liveTensors, Random, tensor, type Weights } from "@hawksbill/core";
import { describe, expect, test } from "vitest";
import { valuesOf } from "../fixtures/toy.js";
import { adamW } from "./adamw.js";
import { adamW8bit } from "./adamw-8bit.js";
import { copyWeights, hostFloats } from "./host-weights.js";
import { lion } from "./lion.js";
import type { Optimizer } from "./optimizer.js";
import { sgd } from "./sgd.js";
import { TrainingError } from "./training-error.js";

const optimizers: readonly [string, (weights: Weights) => Optimizer][] = [
  ["adamW", (weights) => adamW(weights, { learningRate: 0.01 })],
  ["adamW8bit", (weights) => adamW8bit(weights, { learningRate: 0.01 })],
  ["lion", (weights) => lion(weights, { learningRate: 0.01 })],
  ["sgd with momentum", (weights) => sgd(weights, { learningRate: 0.01, momentum: 0.9 })],
  ["sgd", (weights) => sgd(weights, { learningRate: 0.01 })],
];

/** More than two blocks of the 8-bit state, the last one not full. */
const newWeights = (): Weights => ({
  "a.weight": new Random(1).normal([30, 20]),
  "a.bias": new Random(2).normal([20]),
});
const gradients = (step: number): Weights => ({
  "a.weight": new Random(10 + step).normal([30, 20]),
  "a.bias": new Random(50 + step).normal([20]),
});

describe.each(optimizers)("%s", (name, make) => {
  test("a gradient that is not finite changes nothing and is reported", () => {
    const weights = newWeights();
    const optimizer = make(weights);
    optimizer.step(weights, gradients(0));
    const before = [valuesOf(weights), Object.values(optimizer.state.moments).map(valuesOf)];
    for (const bad of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      const grads = gradients(1);
      hostFloats("test", grads, "a.bias")[7] = bad;
      expect(optimizer.step(weights, grads).skipped).toBe(true);
    }
    expect([valuesOf(weights), Object.values(optimizer.state.moments).map(valuesOf)]).toEqual(
      before,
    );
    expect(optimizer.state.step).toBe(1);
  });

  test("a loaded state goes on as the one it was taken from, bit for bit", () => {
    const straight = newWeights();
    const first = make(straight);
    for (let i = 0; i < 3; i++) first.step(straight, gradients(i));
    const resumed = newWeights();
    copyWeights("test", straight, resumed);
    const second = make(resumed);
    second.load(first.state);
    for (let i = 3; i < 6; i++) {
      first.step(straight, gradients(i));
      second.step(resumed, gradients(i));
    }
    expect(valuesOf(resumed)).toEqual(valuesOf(straight));
    expect(second.state.step).toBe(6);
  });

  test("its steps lead against the gradient, less far with a lower rate", () => {
    const moved = (learningRate: number): number => {
      const weights = { a: tensor(new Float32Array(300).fill(5)) };
      const grads = { a: tensor(new Float32Array(300).fill(1)) };
      make(weights).step(weights, grads, { learningRate });
      return 5 - (weights.a.dataSync()[299] as number);
    };
    expect(moved(0.1)).toBeGreaterThan(moved(0.01));
    expect(moved(0.01)).toBeGreaterThan(0);
  });

  test("disposing frees its tensors", () => {
    const weights = newWeights();
    const before = liveTensors();
    make(weights).dispose();
    expect(liveTensors()).toBe(before);
  });

  test("the state of another optimiser is refused before anything changes", () => {
    const weights = newWeights();
    const other = name === "adamW" ? lion(weights) : adamW(weights);
    other.step(weights, gradients(0));
    const optimizer = make(weights);
    expect(() => optimizer.load(other.state)).toThrow(TrainingError);
    expect(optimizer.state.step).toBe(0);
  });
});

test("a state that cannot be loaded is named", () => {
  const weights = newWeights();
  expect(() => lion(weights).load(adamW(weights).state)).toThrow(
    "lion.load: the state has m, v, wanted m; go on with the optimiser that it was saved of",
  );
  const { m } = lion(weights).state.moments;
  expect(() => adamW(weights).load({ step: 1, moments: { m: m as Weights, x: {} } })).toThrow(
    "adamW.load: the state has m, x, wanted m, v; go on with the optimiser that it was saved of",
  );
  const small = lion({ "a.weight": tensor([1]), "a.bias": tensor([1]) });
  expect(() => lion(weights).load(small.state)).toThrow(
    'lion.load: m "a.weight" is float32[1], wanted float32[30,20]; give the state of this model',
  );
});

test("settings of sgd without sense are refused", () => {
  expect(() => sgd({}, { momentum: 1 })).toThrow(
    new RangeError("sgd: momentum is 1; give a number from 0 to below 1"),
  );
  expect(() => sgd({}, { nesterov: true })).toThrow(
    new RangeError("sgd: nesterov needs a momentum above 0, e.g. 0.9"),
  );
});
