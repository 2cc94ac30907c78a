import { expect, test } from "vitest";
import { distance } from "./distance.js";

test("is relative to theirs", () => {
  expect(distance([3, 5], [3, 4])).toBeCloseTo(0.2);
});

test("is endless where something is missing, or no number", () => {
  expect(distance([1], [1, 2])).toBe(Infinity);
  expect(distance([null, 0], [0, 0])).toBe(Infinity);
  expect(distance([1], JSON.parse(JSON.stringify([Number.NaN])))).toBe(Infinity);
});
