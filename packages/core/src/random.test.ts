import { expect, test } from "vitest";
import { philox, Random } from "./random.js";

// Random123's examples/kat_vectors, philox4x32 10 (Salmon et al., 2011).
test.each([
  [[0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
  [Array(4).fill(0xffffffff), Array(2).fill(0xffffffff), "408f276d 41c83b0e a20bc7c6 6d5451fd"],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    "d16cfe09 94fdcceb 5001e420 24126ea1",
  ],
])("philox of counter %j and key %j is the paper's", (counter, key, words) => {
  const [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = counter;
  const [k0 = 0, k1 = 0] = key;
  const found = [...philox([c0, c1, c2, c3], [k0, k1])];
  expect(found.map((word) => word.toString(16).padStart(8, "0")).join(" ")).toBe(words);
});

test("the same seed gives the same numbers, another seed others", () => {
  const draw = (seed: number): number[] => {
    const random = new Random(seed);
    return Array.from({ length: 9 }, () => random.next());
  };
  expect(draw(5)).toEqual(draw(5));
  expect(draw(5)).not.toEqual(draw(6));
  expect(draw(2 ** 32)).not.toEqual(draw(0));
});

test("uniform numbers fill [0, 1) evenly", () => {
  const numbers = new Random(1).uniform([20_000]).dataSync() as Float32Array;
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  // The mean of 20,000 has a deviation of 0.289 / √20,000 = 0.002.
  expect(numbers.reduce((sum, n) => sum + n) / numbers.length).toBeCloseTo(0.5, 2);
});

test("uniform numbers within a bound are the same, spread over both sides of 0", () => {
  const shares = new Random(1).uniform([100]).dataSync() as Float32Array;
  const within = new Random(1).uniformWithin([100], 0.3).dataSync();
  expect(within).toEqual(shares.map((share) => (2 * share - 1) * 0.3));
});

test("normal numbers have mean 0 and variance 1, for an odd count too", () => {
  const numbers = new Random(1).normal([20_001]).dataSync() as Float32Array;
  const mean = numbers.reduce((sum, n) => sum + n) / numbers.length;
  const variance = numbers.reduce((sum, n) => sum + (n - mean) ** 2, 0) / numbers.length;
  // Deviations of 0.007 and 0.01.
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(Math.abs(variance - 1)).toBeLessThan(0.04);
});

test.each([0, 1, 2, 3, 4, 7])("goes on exactly from the state after %d numbers", (drawn) => {
  const random = new Random(123456789012345);
  for (let i = 0; i < drawn; i++) random.next();
  const resumed = Random.from(JSON.parse(JSON.stringify(random.state)));
  const next = (from: Random): number[] => Array.from({ length: 6 }, () => from.next());
  expect(next(resumed)).toEqual(next(random));
});

test("a fork depends on seed and label, not on what was drawn before or after", () => {
  const random = new Random(7);
  const early = random.fork("dropout").next();
  const first = random.next();
  expect(random.fork("dropout").next()).toBe(early);
  expect(new Set([early, first, random.fork("shuffle").next(), random.fork(0).next()]).size).toBe(
    4,
  );
  expect(new Random(8).fork("dropout").next()).not.toBe(early);
  expect(new Random(7).next()).toBe(first);
});

test("integers are below their limit and all occur", () => {
  const random = new Random(3);
  const drawn = Array.from({ length: 200 }, () => random.integer(5));
  expect([...new Set(drawn)].sort()).toEqual([0, 1, 2, 3, 4]);
});

test("a shuffle keeps the items and leaves the list as it was", () => {
  const items = Array.from({ length: 20 }, (_, i) => i);
  const shuffled = new Random(3).shuffle(items);
  expect(shuffled).not.toEqual(items);
  expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  expect(items[0]).toBe(0);
});

test.each([-1, 0.5, 2 ** 53, Number.NaN])("the seed %d is refused", (seed) => {
  expect(() => new Random(seed)).toThrow(
    new RangeError(`Random: seed is ${seed}; give a whole number from 0 to 2^53 - 1`),
  );
});

test.each([0, 1.5, 2 ** 32 + 1])("the limit %d is refused", (limit) => {
  expect(() => new Random(1).integer(limit)).toThrow(
    new RangeError(`Random.integer: limit is ${limit}; give a whole number from 1 to 2^32`),
  );
});
