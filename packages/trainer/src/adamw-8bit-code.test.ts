import { Random } from "@hawksbill/core";
import { expect, test } from "vitest";
import { instantiate } from "./adamw8bit.wasm.js";

const blockSize = 256;

type Sign = "signed" | "positive";

interface Coder {
  readonly memory: { readonly buffer: ArrayBuffer };
  encodeBlock(
    numbers: number,
    count: number,
    codes: number,
    seed: number,
    withSign: boolean,
  ): number;
  decodeBlock(
    codes: number,
    count: number,
    scale: number,
    numbers: number,
    withSign: boolean,
  ): void;
}

const coder = instantiate() as Coder;
const codesAt = 4 * blockSize;
const block = new Float32Array(coder.memory.buffer, 0, blockSize);

/** What becomes of the numbers of one block. */
function kept(sign: Sign, numbers: readonly number[], seed: number): number[] {
  const withSign = sign === "signed";
  block.fill(0);
  block.set(numbers);
  const scale = coder.encodeBlock(0, numbers.length, codesAt, seed, withSign);
  coder.decodeBlock(codesAt, numbers.length, scale, 0, withSign);
  return Array.from(block.subarray(0, numbers.length));
}

const numbers = (random: Random): number[] =>
  Array.from(random.normal([blockSize]).dataSync(), Number);

test("the largest number and 0 are kept as they are", () => {
  const got = kept("signed", [0, -3.7, 1e-30, 0.5], 1);
  expect(got[0]).toBe(0);
  expect(got[1]).toBeCloseTo(-3.7, 6);
});

test("a block of zeros stays one", () => {
  expect(kept("positive", [0, 0, 0], 1)).toEqual([0, 0, 0]);
});

test.each(["signed", "positive"] as const)(
  "%s: every number becomes one of the two levels beside it, as near as stated",
  (sign) => {
    const block = numbers(new Random(1)).map((x) => (sign === "signed" ? x : Math.abs(x)));
    const scale = Math.max(...block.map(Math.abs));
    const share = sign === "signed" ? 1 / 8 : 1 / 16;
    kept(sign, block, 2).forEach((got, i) => {
      const x = block[i] as number;
      expect(Math.abs(got - x)).toBeLessThanOrEqual(share * (Math.abs(x) + 2 ** -15 * scale));
    });
  },
);

test("over many seeds the mean is the number itself", () => {
  const block = [1, 0.7, -0.31, 0.0123, -1e-4, 3e-6];
  const seeds = 4000;
  const sums = block.map(() => 0);
  for (let seed = 0; seed < seeds; seed++)
    kept("signed", block, seed).forEach((x, i) => {
      sums[i] = (sums[i] as number) + x;
    });
  // A number moves by 1/8 of itself at most: the mean of 4000 has a deviation of 1/8 / 2 / √4000 = 0.1 %.
  sums.forEach((sum, i) => {
    expect(sum / seeds / (block[i] as number)).toBeCloseTo(1, i < 5 ? 2 : 1);
  });
});

test("no positive number becomes 0", () => {
  for (let seed = 0; seed < 100; seed++)
    expect(Math.min(...kept("positive", [1, 1e-6, 1e-12, 1e-30], seed))).toBeGreaterThan(0);
});

test("the smallest and the largest of float32 are scaled without overflow", () => {
  for (const x of [1.401298464324817e-45, 3.4028234663852886e38])
    expect(kept("signed", [x, -x], 1)).toEqual([x, -x]);
});
