import { expect, test } from "vitest";
import { applyMerges, type Merge, pairKey } from "./merges.js";

const [a, b, ab, abb, ba] = [0, 1, 2, 3, 4];

function merges(rules: readonly (readonly [left: number, right: number, token: number])[]) {
  return new Map<number, Merge>(
    rules.map(([left, right, token], rank) => [pairKey(left, right), { rank, token }]),
  );
}

test("merges the pair of the lowest rank first", () => {
  const rules = merges([
    [b, a, ba],
    [a, b, ab],
  ]);
  expect(applyMerges([a, b, a, b], rules)).toEqual([a, ba, b]);
});

test("merges the leftmost of overlapping pairs", () => {
  expect(applyMerges([a, a, a], merges([[a, a, b]]))).toEqual([b, a]);
});

test("merges what merging has made", () => {
  const rules = merges([
    [a, b, ab],
    [ab, b, abb],
  ]);
  expect(applyMerges([a, b, b, a, b], rules)).toEqual([abb, ab]);
});

test("leaves tokens without a rule alone", () => {
  expect(applyMerges([], merges([]))).toEqual([]);
  expect(applyMerges([a, b], merges([]))).toEqual([a, b]);
});
