/// <reference types="node" />
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  constant,
  cosine,
  cosineRestarts,
  exponential,
  linear,
  linearWarmup,
  multiStepLR,
  type Schedule,
  scaled,
  sequence,
} from "./schedules.js";

// Made by PyTorch 2.13: tools/fixtures/optimizers.py.
const { schedules: fixture } = JSON.parse(
  readFileSync(new URL("../fixtures/optimizers.json", import.meta.url), "utf8"),
);

const cases: Readonly<Record<string, Schedule>> = {
  multiStepLR: multiStepLR(0.5, { milestones: [4, 9, 9, 25], gamma: 0.5 }),
  cosine: cosine(0.5, { steps: 39, final: 0.05 }),
  cosineRestarts: cosineRestarts(0.5, { steps: 9, final: 0.05 }),
  "cosineRestarts growing": cosineRestarts(0.5, { steps: 5, growth: 2, final: 0.05 }),
  linear: linear(0.5, { steps: 20, final: 0.05 }),
  exponential: exponential(0.5, { steps: 100, final: 0.5 * 0.9 ** 100 }),
  linearWarmup: linearWarmup(cosine(0.5, { steps: 30, final: 0.05 }), { steps: 5 }),
  sequence: sequence([
    { schedule: scaled(constant(0.5), 0.25), steps: 7 },
    { schedule: linear(0.5, { steps: 8, final: 0.1 }), steps: 12 },
    { schedule: exponential(0.5, { steps: 100, final: 0.5 * 0.9 ** 100 }), steps: 1 },
  ]),
};

test.each(Object.entries(cases))("the rates of %s equal PyTorch's", (name, schedule) => {
  const wanted: number[] = fixture[name];
  const worst = wanted.map((rate, step) => Math.abs(schedule(step) - rate));
  expect(Math.max(...worst)).toBeLessThan(1e-11); // Written with 12 digits.
});

test("every schedule of the fixture is compared", () => {
  expect(Object.keys(cases)).toEqual(Object.keys(fixture));
});

test("constant is the same at every step", () => {
  expect([0, 5, 1e6].map(constant(0.1))).toEqual([0.1, 0.1, 0.1]);
});

test("multiStepLR falls at each milestone, in whatever order they are given", () => {
  const schedule = multiStepLR(1, { milestones: [4, 2, 4], gamma: 0.5 });
  expect([0, 1, 2, 3, 4, 100].map(schedule)).toEqual([1, 1, 0.5, 0.5, 0.125, 0.125]);
});

test("cosine falls from the rate to the final one and stays there", () => {
  const schedule = cosine(1, { steps: 4, final: 0.2 });
  expect(schedule(0)).toBe(1);
  expect(schedule(2)).toBeCloseTo(0.6, 12);
  expect(schedule(4)).toBeCloseTo(0.2, 12);
  expect(schedule(9)).toBeCloseTo(0.2, 12);
});

test("linearWarmup rises to the schedule that it hands over to", () => {
  const schedule = linearWarmup(multiStepLR(1, { milestones: [1] }), { steps: 3 });
  expect([0, 1, 2, 3, 4].map(schedule)).toEqual([0.25, 0.5, 0.75, 1, 0.5]);
});

test.each([
  [() => constant(Number.NaN), "constant: rate is NaN; give a number >= 0, e.g. 1e-4"],
  [
    () => multiStepLR(-1, { milestones: [] }),
    "multiStepLR: rate is -1; give a number >= 0, e.g. 1e-4",
  ],
  [
    () => multiStepLR(1, { milestones: [], gamma: Number.NaN }),
    "multiStepLR: gamma is NaN; give a number >= 0, e.g. 0.5",
  ],
  [
    () => cosine(1, { steps: 3, final: Number.NaN }),
    "cosine: final is NaN; give a number >= 0, e.g. 1e-4",
  ],
  [
    () => cosineRestarts(1, { steps: 3, final: -1 }),
    "cosineRestarts: final is -1; give a number >= 0, e.g. 1e-4",
  ],
  [
    () => linear(1, { steps: 3, final: Number.POSITIVE_INFINITY }),
    "linear: final is Infinity; give a number >= 0, e.g. 1e-4",
  ],
  [() => cosine(1, { steps: 0 }), "cosine: steps is 0; give a whole number >= 1"],
  [() => linear(1, { steps: 0.5 }), "linear: steps is 0.5; give a whole number >= 1"],
  [
    () => cosineRestarts(1, { steps: 3, growth: 0.5 }),
    "cosineRestarts: growth is 0.5; give a whole number >= 1",
  ],
  [
    () => exponential(1, { steps: 3, final: 0 }),
    "exponential: final is 0; give a number above 0, e.g. 1e-4",
  ],
  [() => sequence([]), "sequence: it has no parts; give one or more"],
  [() => scaled(constant(1), Number.NaN), "scaled: factor is NaN; give a number >= 0"],
  [
    () => linearWarmup(constant(1), { steps: -1 }),
    "linearWarmup: steps is -1; give a whole number >= 0",
  ],
])("settings without sense are refused: %s", (make, message) => {
  expect(make).toThrow(new RangeError(message));
});
