import { Random } from "@hawksbill/core";
import { expect, test } from "vitest";
import { BlockCode, blockSize } from "./block-code.js";

/** What becomes of the numbers of one block. */
function kept(code: BlockCode, numbers: readonly number[], seed: number): number[] {
  code.block.set(numbers);
  const codes = new Uint8Array(numbers.length);
  const scale = code.encode(numbers.length, codes, 0, seed);
  return Array.from(codes, (one) => scale * (code.values[one] as number));
}

const numbers = (random: Random): number[] =>
  Array.from(random.normal([blockSize]).dataSync(), Number);

test("the largest number and 0 are kept as they are", () => {
  const got = kept(new BlockCode("signed"), [0, -3.7, 1e-30, 0.5], 1);
  expect(got[0]).toBe(0);
  expect(got[1]).toBeCloseTo(-3.7, 6);
});

test("a block of zeros stays one", () => {
  expect(kept(new BlockCode("positive"), [0, 0, 0], 1)).toEqual([0, 0, 0]);
});

test.each(["signed", "positive"] as const)(
  "%s: every number becomes one of the two levels beside it, as near as stated",
  (sign) => {
    const code = new BlockCode(sign);
    const block = numbers(new Random(1)).map((x) => (sign === "signed" ? x : Math.abs(x)));
    const scale = Math.max(...block.map(Math.abs));
    const share = sign === "signed" ? 1 / 8 : 1 / 16;
    kept(code, block, 2).forEach((got, i) => {
      const x = block[i] as number;
      expect(Math.abs(got - x)).toBeLessThanOrEqual(share * (Math.abs(x) + 2 ** -15 * scale));
    });
  },
);

test("over many seeds the mean is the number itself", () => {
  const code = new BlockCode("signed");
  const block = [1, 0.7, -0.31, 0.0123, -1e-4, 3e-6];
  const seeds = 4000;
  const sums = block.map(() => 0);
  for (let seed = 0; seed < seeds; seed++)
    kept(code, block, seed).forEach((x, i) => {
      sums[i] = (sums[i] as number) + x;
    });
  // A number moves by 1/8 of itself at most: the mean of 4000 has a deviation of 1/8 / 2 / √4000 = 0.1 %.
  sums.forEach((sum, i) => {
    expect(sum / seeds / (block[i] as number)).toBeCloseTo(1, i < 5 ? 2 : 1);
  });
});

test("no positive number becomes 0", () => {
  const code = new BlockCode("positive");
  for (let seed = 0; seed < 100; seed++)
    expect(Math.min(...kept(code, [1, 1e-6, 1e-12, 1e-30], seed))).toBeGreaterThan(0);
});

test("the smallest and the largest of float32 are scaled without overflow", () => {
  const code = new BlockCode("signed");
  for (const x of [1.401298464324817e-45, 3.4028234663852886e38])
    expect(kept(code, [x, -x], 1)).toEqual([x, -x]);
});
