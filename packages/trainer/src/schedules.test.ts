import { expect, test } from "vitest";
import { constant, cosine, linearWarmup, multiStepLR } from "./schedules.js";

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
  [() => cosine(1, { steps: 0 }), "cosine: steps is 0; give a whole number >= 1"],
  [
    () => linearWarmup(constant(1), { steps: -1 }),
    "linearWarmup: steps is -1; give a whole number >= 0",
  ],
])("settings without sense are refused: %s", (make, message) => {
  expect(make).toThrow(new RangeError(message));
});
