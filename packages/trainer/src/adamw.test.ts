import { liveTensors, Random, tensor, type Weights } from "@hawksbill/core";
import { expect, test } from "vitest";
import { valuesOf } from "../fixtures/toy.js";
import { adamW } from "./adamw.js";
import { TrainingError } from "./training-error.js";

const weight = (values: number[]): Weights => ({ "a.weight": tensor(values) });

test("the first step is the learning rate against the gradient's sign", () => {
  const weights = weight([1, 1]);
  adamW(weights, { learningRate: 0.1 }).step(weights, weight([5, -0.01]));
  expect(weights["a.weight"]?.dataSync()[0]).toBeCloseTo(0.9, 5);
  expect(weights["a.weight"]?.dataSync()[1]).toBeCloseTo(1.1, 5);
});

test("a weight larger than the kernel's block moves as one by one, to float32's rounding", () => {
  const random = new Random(3);
  const size = 2 * 4096 + 3;
  const weights = { a: random.normal([size, 1]) };
  const grads = { a: random.normal([size, 1]) };
  const [w, g] = [weights.a, grads.a].map((x) => Float64Array.from(x.dataSync() as Float32Array));
  const optimizer = adamW(weights, { learningRate: 0.1, betas: [0.9, 0.999], weightDecay: 0.5 });
  optimizer.step(weights, grads);
  // The first step's means are the gradient and its square.
  const distances = valuesOf(weights).a?.map((moved, i) => {
    const [x, d] = [w?.[i] as number, g?.[i] as number];
    return Math.abs(moved - (x - 0.1 * (0.5 * x + d / (Math.abs(d) + 1e-8))));
  });
  expect(Math.max(...(distances as number[]))).toBeLessThan(1e-6);
});

test("weight decay acts where the gradient is 0, and not in a group without it", () => {
  const weights = { "a.weight": tensor([[2]]), "a.bias": tensor([2]) };
  const grads = { "a.weight": tensor([[0]]), "a.bias": tensor([0]) };
  adamW(weights, { learningRate: 0.1, weightDecay: 0.5 }).step(weights, grads);
  expect(valuesOf(weights)).toEqual({ "a.weight": [Math.fround(1.9)], "a.bias": [2] });
});

test("a group's learning rate is scaled", () => {
  const weights = { a: tensor([0]), b: tensor([0]) };
  const groups = [{ names: ["a"] }, { names: ["b"], learningRateScale: 0.5 }];
  adamW(weights, { learningRate: 0.1, groups }).step(weights, { a: tensor([1]), b: tensor([1]) });
  expect(weights.a.dataSync()[0]).toBeCloseTo(-0.1, 6);
  expect(weights.b.dataSync()[0]).toBeCloseTo(-0.05, 6);
});

test("clipping measures each group by itself, or all together", () => {
  // After one step m is 0.1 times the clipped gradient.
  const clipped = (by: "group" | "all"): number[] => {
    const weights = { a: tensor([0]), b: tensor([0]) };
    const optimizer = adamW(weights, { groups: [{ names: ["a"] }, { names: ["b"] }] });
    const grads = { a: tensor([3]), b: tensor([4]) };
    const { gradNorms } = optimizer.step(weights, grads, { clip: { norm: 3.5, by } });
    expect(gradNorms).toEqual([3, 4]);
    const { m } = optimizer.state.moments;
    return [m?.a, m?.b].map((x) => 10 * (x?.dataSync()[0] as number));
  };
  const near = (got: number[], wanted: number[]): void =>
    got.forEach((x, i) => {
      expect(x).toBeCloseTo(wanted[i] as number, 5);
    });
  near(clipped("group"), [3, 3.5]);
  near(clipped("all"), [2.1, 2.8]);
});

test("a gradient that is not finite changes nothing and is reported", () => {
  const weights = weight([1, 2]);
  const optimizer = adamW(weights);
  const before = valuesOf(weights);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
    expect(optimizer.step(weights, weight([0, bad])).skipped).toBe(true);
  expect(valuesOf(weights)).toEqual(before);
  expect(optimizer.state.step).toBe(0);
  expect(valuesOf(optimizer.state.moments.m ?? {})).toEqual({ "a.weight": [0, 0] });
});

test("the largest finite gradients do not overflow the norm", () => {
  const weights = weight([1, 2]);
  const largest = 3.4028234663852886e38;
  const { gradNorms, skipped } = adamW(weights).step(weights, weight([largest, largest]));
  expect(skipped).toBe(false);
  expect(gradNorms[0]).toBeCloseTo(largest * Math.SQRT2, -30);
});

test("a loaded state goes on as the one it was taken from", () => {
  const random = new Random(2);
  const grads = Array.from({ length: 4 }, () => ({ "a.weight": random.normal([3]) }));
  const straight = weight([1, 2, 3]);
  const first = adamW(straight);
  for (const grad of grads.slice(0, 2)) first.step(straight, grad);

  const resumed = weight(valuesOf(straight)["a.weight"] ?? []);
  const second = adamW(resumed);
  second.load(first.state);
  for (const grad of grads.slice(2)) {
    first.step(straight, grad);
    second.step(resumed, grad);
  }
  expect(valuesOf(resumed)).toEqual(valuesOf(straight));
});

test("disposing frees its tensors", () => {
  const weights = weight([1]);
  const before = liveTensors();
  adamW(weights).dispose();
  expect(liveTensors()).toBe(before);
});

test.each([
  [
    [{ names: ["a.weight", "b"] }],
    'adamW: a group names "b", which is not among the weights; take it out',
  ],
  [
    [{ names: ["a.weight"] }, { names: ["a.weight"] }],
    'adamW: "a.weight" is in two groups; name it in one',
  ],
  [
    [],
    'adamW: "a.weight" is in no group; add it to one, or leave it out of the weights to freeze it',
  ],
])("groups that are no partition are refused: %j", (groups, message) => {
  expect(() => adamW(weight([1]), { groups })).toThrow(new TrainingError(message));
});

test("gradients that do not fit are refused before anything changes", () => {
  const weights = { a: tensor([1]), b: tensor([1, 2]) };
  const optimizer = adamW(weights);
  const step = (grads: Weights) => () => optimizer.step(weights, grads);
  expect(step({ a: tensor([1]) })).toThrow(new TrainingError('adamW: gradient "b" is missing'));
  expect(step({ a: tensor([1]), b: tensor([1]) })).toThrow(
    new TrainingError('adamW: "b" has 2 elements and 1 gradients; it was made for 2'),
  );
  expect(valuesOf(weights)).toEqual({ a: [1], b: [1, 2] });
});

test("weights in float16 are refused with what to do", () => {
  const weights = { a: tensor(new Uint16Array(1), { dtype: "float16" }) };
  expect(() => adamW(weights).step(weights, { a: tensor([1]) })).toThrow(
    new TrainingError(
      'adamW: weight "a" is float16; give float32 (toFloat32 of @hawksbill/checkpoint makes it)',
    ),
  );
});

test("a clip of 0 is refused", () => {
  const weights = weight([1]);
  expect(() => adamW(weights).step(weights, weight([1]), { clip: { norm: 0 } })).toThrow(
    new RangeError("clip: norm is 0; give a number above 0, e.g. 1"),
  );
});
