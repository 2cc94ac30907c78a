import {
  liveTensors,
  mean,
  mul,
  square,
  sub,
  type Tensor,
  tensor,
  type Weights,
} from "@hawksbill/core";
import { describe, expect, test } from "vitest";
import { cpu } from "../fixtures/toy.js";
import { rangeTest } from "./range-test.js";
import { sgd } from "./sgd.js";
import { hasDiverged, type RangePoint, suggestRate } from "./suggest-rate.js";

const on = cpu();

/** Rates in tenths of decades from 1e-6, with losses. */
function points(losses: readonly number[]): RangePoint[] {
  return losses.map((loss, i) => ({ rate: 10 ** (-6 + i / 10), loss }));
}

/** Flat, then falling along a sine until step 45, then growing. */
const typical = Array.from({ length: 60 }, (_, i) => {
  if (i < 15) return 4;
  if (i <= 45) return 3 + Math.cos((Math.PI * (i - 15)) / 30);
  return 2 + ((i - 45) / 5) ** 2;
});

describe("suggestRate", () => {
  test("takes the rate of the steepest fall, where that is less than a tenth of the lowest's", () => {
    const { rate, why, smoothed } = suggestRate(points(typical));
    expect(Math.abs(Math.log10(rate as number) - -3)).toBeLessThan(0.25); // Step 30, but for the averaging.
    expect(why).toMatch(/^there the smoothed loss fell fastest; it was lowest at 2.0e-2$/); // Step 43: the mean of seven feels the growth behind 45.
    expect(smoothed).toHaveLength(60);
  });

  test("takes a tenth of the lowest's, where the fall is short", () => {
    const short = Array.from({ length: 40 }, (_, i) =>
      i < 20 ? 4 : i < 26 ? 4 - (i - 19) / 3 : i / 8,
    );
    const { rate, why } = suggestRate(points(short));
    expect(Math.log10(rate as number)).toBeCloseTo(-6 + 2.5 - 1, 0);
    expect(why).toMatch(/^that is a tenth of the rate at which the smoothed loss was lowest \(/);
  });

  test("says nothing of noise, of losses that only grow, and of a few steps", () => {
    const noisy = Array.from({ length: 60 }, (_, i) => 4 + 0.1 * Math.sin(i * i));
    expect(suggestRate(points(noisy))).toMatchObject({
      why: expect.stringMatching(
        /^the loss fell by no more .* than it changes from batch to batch/,
      ),
    });
    expect(suggestRate(points(noisy)).rate).toBeUndefined();
    expect(suggestRate(points(Array.from({ length: 30 }, (_, i) => i))).rate).toBeUndefined();
    expect(suggestRate(points([1, 2])).why).toBe("there are 2 steps, too few to tell; give more");
  });
});

test("a loss has diverged when it is twice its lowest for some steps, or is no number", () => {
  expect(hasDiverged([4, 3, 2, 2, 2, 2, 2, 9, 2, 2])).toBe(false);
  expect(hasDiverged([2, 2, 2, 2, 2, 5, 5, 5, 5, 5])).toBe(true);
  expect(hasDiverged([2, 2, 2, 2, 2, 2, 2, 2, 2, Number.NaN])).toBe(true);
  expect(hasDiverged([1, 9])).toBe(false);
});

/** The mean of (w - 1)², whose gradient for each of four numbers is (w - 1) / 2: plain descent diverges above 4. */
const problem = () => ({
  device: on.device,
  weights: { w: tensor([3, -2, 5, 0]) },
  loss: ({ w }: Weights, x: Tensor) => ({ loss: mean(square(sub(mul(w as Tensor, x), 1))) }),
  batches: () => [one],
  optimizer: (copy: Weights) => sgd(copy, { learningRate: 1, weightDecay: 0 }),
});
const one = tensor(1);

describe("rangeTest", () => {
  test("finds a rate that descends, stops where the loss explodes, and leaves the weights alone", async () => {
    const options = problem();
    const before = liveTensors();
    let told = 0;
    const onStep = () => {
      told++;
    };
    const found = await rangeTest({ ...options, from: 1e-4, to: 1e4, steps: 80, onStep });
    expect(found.rate).toBeGreaterThan(0.05);
    expect(found.rate).toBeLessThan(4);
    expect(found.points.length).toBeLessThan(60); // Rate 4 is step 46.
    expect(told).toBe(found.points.length);
    expect(found.points[0]?.rate).toBeCloseTo(1e-4, 12);
    expect(Array.from(options.weights.w.dataSync(), Number)).toEqual([3, -2, 5, 0]);
    expect(liveTensors()).toBe(before);
  });

  test("says at which rate the loss was no number any more, where that is early", async () => {
    const nan = tensor(Number.NaN);
    const { rate, why } = await rangeTest({ ...problem(), batches: () => [nan], from: 1e-4 });
    expect(rate).toBeUndefined();
    expect(why).toBe(
      "there are 0 steps, too few to tell: at a rate of 1.0e-4 loss or gradients were NaN or infinite; give lower rates, or look at the batches",
    );
  });

  test("refuses rates that are not above 0, and stops when told to", async () => {
    await expect(rangeTest({ ...problem(), from: 0 })).rejects.toThrow(
      "exponential: rate is 0; give a number above 0, e.g. 1e-4",
    );
    const signal = AbortSignal.abort();
    await expect(rangeTest({ ...problem(), signal })).rejects.toBe(signal.reason);
  });
});
