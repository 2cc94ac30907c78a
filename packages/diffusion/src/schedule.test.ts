import { expect, test } from "vitest";
import { posterior, respace, trainedSchedule } from "./schedule.js";

const trained = trainedSchedule();

test("4000 steps leave 4.2e-5 of the signal's power", () => {
  expect(trained.signal).toHaveLength(4000);
  expect(trained.signal[0]).toBeCloseTo(1 - 2.5e-5, 15);
  expect(trained.signal[3999]).toBeCloseTo(4.24665e-5, 10);
});

// From the original's respacing, run in Python.
test.each([
  [10, 19_995, [0, 444, 889, 1333, 1777, 2222, 2666, 3110, 3555, 3999]],
  [30, 59_985, [0, 138, 276, 414, 552, 689]],
  [80, 159_960, [0, 51, 101, 152, 202, 253]],
  [200, 399_900, [0, 20, 40]],
  [400, 799_800, [0, 10, 20]],
])("%i steps are those of the original", (steps, sum, first) => {
  const { timesteps } = respace(trained, steps);
  expect(timesteps).toHaveLength(steps);
  expect(timesteps.slice(0, first.length)).toEqual(first);
  expect(timesteps.at(-1)).toBe(3999);
  expect(timesteps.reduce((a, b) => a + b)).toBe(sum);
});

test("steps back have the original's coefficients", () => {
  const thirty = respace(trained, 30);
  const last = posterior(thirty, 29);
  expect(last.fromSignal).toBeCloseTo(0.00451677, 8);
  expect(last.fromState).toBeCloseTo(0.71177212, 8);
  expect(last.logVariance[1]).toBeCloseTo(Math.log(0.4933385470539692), 12);
  expect(last.logVariance[0]).toBeCloseTo(-0.70660099, 8);
  for (const i of [0, 1]) expect(posterior(thirty, i).logVariance[0]).toBeCloseTo(-10.59824616, 8);
  expect(posterior(thirty, 0).logVariance[1]).toBeCloseTo(Math.log(2.5e-5), 9);
  expect(posterior(thirty, 1).logVariance[1]).toBeCloseTo(Math.log(0.015265104845811783), 9);
  const eighty = respace(trained, 80);
  expect(posterior(eighty, 79).logVariance[1]).toBeCloseTo(Math.log(0.22434350510065182), 12);
});

test("all steps are the schedule itself, and a step alone is refused", () => {
  expect(respace(trained, 4000)).toEqual(trained);
  expect(() => respace(trained, 1)).toThrow(
    new RangeError("respace: steps is 1; give a whole number from 2 to 4000"),
  );
  expect(() => respace(trained, 4001)).toThrow("give a whole number from 2 to 4000");
  expect(() => respace(trained, 2.5)).toThrow(RangeError);
});
