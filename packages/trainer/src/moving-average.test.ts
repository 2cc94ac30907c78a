import { tensor } from "@hawksbill/core";
import { expect, test } from "vitest";
import { movingAverage } from "./moving-average.js";

test("an average follows the weights by its share", () => {
  const weights = { w: tensor([0, 8]) };
  const average = movingAverage(weights, { decay: 0.75 });
  average.update({ w: tensor([4, 8]) });
  average.update({ w: tensor([4, 0]) });
  expect(average.weights.w?.dataSync()).toEqual(Float32Array.of(1.75, 6));
  expect(weights.w.dataSync()).toEqual(Float32Array.of(0, 8));
});

test("a decay of 1 would never move and is refused", () => {
  expect(() => movingAverage({}, { decay: 1 })).toThrow(
    new RangeError("movingAverage: decay is 1; give a number from 0 to below 1"),
  );
});
