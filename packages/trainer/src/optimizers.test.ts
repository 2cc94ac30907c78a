import { liveTensors, Random, type Tensor, tensor, type Weights } from "@hawksbill/core";
import { describe, expect, test } from "vitest";
import { valuesOf } from "../fixtures/toy.js";
import { adamW } from "./adamw.js";
import { adamW8bit } from "./adamw-8bit.js";
import { copyWeights, hostFloats } from "./host-weights.js";
import { lion } from "./lion.js";
import type { Clip, Optimizer } from "./optimizer.js";
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

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])(
    "a rate of %d is refused",
    (learningRate) => {
      const weights = newWeights();
      const optimizer = make(weights);
      const error = new RangeError(
        `${name.split(" ")[0]}: learningRate is ${learningRate}; give a number >= 0`,
      );
      expect(() => optimizer.step(weights, gradients(0), { learningRate })).toThrow(error);
      expect(() => optimizer.begin(weights, { learningRate })).toThrow(error);
      expect(valuesOf(weights)).toEqual(valuesOf(newWeights()));
    },
  );

  test.each<Clip | undefined>([undefined, { norm: 3, by: "weight" }, { value: 0.5 }])(
    "weights that move part by part come to the same bits, clipped by %o",
    (clip) => {
      const [whole, parts] = [newWeights(), newWeights()];
      const [first, second] = [make(whole), make(parts)];
      for (let i = 0; i < 3; i++) {
        const expected = first.step(whole, gradients(i), { clip });
        const step = second.begin(parts, { clip });
        for (const [name, g] of Object.entries(gradients(i)).reverse())
          expect(step.update({ [name]: g })).toBe(true);
        expect(step.end()).toEqual(expected);
      }
      expect(valuesOf(parts)).toEqual(valuesOf(whole));
      expect(second.state.step).toBe(3);
    },
  );

  test("a part that is not finite stays as it was, and is reported", () => {
    const weights = newWeights();
    const before = valuesOf(weights);
    const optimizer = make(weights);
    const step = optimizer.begin(weights);
    const grads = gradients(0);
    hostFloats("test", grads, "a.bias")[7] = Number.NaN;
    const of = (name: string): Weights => ({ [name]: grads[name] as Tensor });
    expect(step.update(of("a.bias"))).toBe(false);
    expect(step.hasMoved).toBe(false);
    expect(step.update(of("a.weight"))).toBe(true);
    expect(step.hasMoved).toBe(true);
    expect(step.end().skipped).toBe(true);
    expect(optimizer.state.step).toBe(0); // As the steps that the loop counts.
    expect(valuesOf(weights)["a.bias"]).toEqual(before["a.bias"]);
    expect(valuesOf(weights)["a.weight"]).not.toEqual(before["a.weight"]);
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

test("a state that is refused for its second moment has not changed the first", () => {
  const weights = newWeights();
  const optimizer = adamW(weights);
  const [m, v] = [gradients(1), { "a.weight": tensor([1]), "a.bias": tensor([1]) }];
  expect(() => optimizer.load({ step: 1, moments: { m, v } })).toThrow('adamW.load: v "a.weight"');
  expect(hostFloats("test", optimizer.state.moments.m as Weights, "a.bias")[0]).toBe(0);
});

test.each([
  ["adamW", adamW, [0.9, 1]],
  ["adamW8bit", adamW8bit, [Number.NaN, 0.99]],
  ["lion", lion, [-0.1, 0.99]],
] as const)("betas of %s outside [0, 1) are refused", (name, make, betas) => {
  const wrong = betas.find((beta) => !(beta >= 0 && beta < 1));
  expect(() => make(newWeights(), { betas })).toThrow(
    new RangeError(`${name}: a beta is ${wrong}; give two numbers from 0 to below 1`),
  );
});

test("gradients that never come, come twice or are of no weight are named", () => {
  const weights = newWeights();
  const { "a.weight": w, "a.bias": bias } = gradients(0) as Record<string, Tensor>;
  const optimizer = adamW(weights);
  const step = optimizer.begin(weights);
  expect(() => step.update({ "b.bias": bias as Tensor })).toThrow(
    new TrainingError('adamW: gradient "b.bias" belongs to no weight; give one for each weight'),
  );
  step.update({ "a.bias": bias as Tensor });
  expect(() => step.update({ "a.bias": bias as Tensor })).toThrow(
    new TrainingError('adamW: gradient "a.bias" came before; give one for each weight'),
  );
  expect(() => step.end()).toThrow(new TrainingError('adamW: gradient "a.weight" is missing'));
  step.update({ "a.weight": w as Tensor });
  step.end();
  expect(optimizer.state.step).toBe(1);
});

test("settings of sgd without sense are refused", () => {
  expect(() => sgd({}, { momentum: 1 })).toThrow(
    new RangeError("sgd: momentum is 1; give a number from 0 to below 1"),
  );
  expect(() => sgd({}, { nesterov: true })).toThrow(
    new RangeError("sgd: nesterov needs a momentum above 0, e.g. 0.9"),
  );
});

test("clips each weight by its own length, or each number", () => {
  const weights = (): Weights => ({ a: tensor([0, 0]), b: tensor([0, 0]) });
  const grads = (): Weights => ({ a: tensor([3, -4]), b: tensor([0.3, 0.4]) });
  const moved = (clip: Clip): Record<string, number[]> => {
    const w = weights();
    sgd(w, { learningRate: 1 }).step(w, grads(), { clip });
    return valuesOf(w);
  };
  const byWeight = moved({ norm: 1, by: "weight" });
  expect(byWeight.a?.map((x) => x.toFixed(3))).toEqual(["-0.600", "0.800"]);
  expect(byWeight.b?.map((x) => x.toFixed(3))).toEqual(["-0.300", "-0.400"]);
  const byValue = moved({ value: 1 });
  expect(byValue.a).toEqual([-1, 1]);
  expect(byValue.b?.map((x) => x.toFixed(3))).toEqual(["-0.300", "-0.400"]);
});

test("refuses to clip together what comes in parts", () => {
  const weights = newWeights();
  const optimizer = adamW(weights, { groups: [{ names: ["a.weight", "a.bias"] }] });
  expect(() => optimizer.begin(weights, { clip: { norm: 1, by: "all" } })).toThrow(
    new TrainingError(
      'adamW: gradients cannot be clipped all together before all are there; clip by "weight", by value, or not',
    ),
  );
  const step = optimizer.begin(weights, { clip: { norm: 1 } });
  const { "a.bias": bias } = gradients(0);
  expect(() => step.update({ "a.bias": bias as Tensor })).toThrow(
    new TrainingError(
      'adamW: "a.weight" is missing, which is clipped in one group with "a.bias"; give the groups\' gradients whole, or clip by "weight"',
    ),
  );
});

test("the state of a transposed weight is refused, though it is as large", () => {
  const state = adamW({ a: tensor([[1, 2, 3]]) }).state;
  expect(() => adamW({ a: tensor([[1], [2], [3]]) }).load(state)).toThrow(
    new TrainingError(
      'adamW.load: m "a" is float32[1,3], wanted float32[3,1]; give the state of this model',
    ),
  );
});
