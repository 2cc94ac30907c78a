import { NonFiniteError, Random, type Tensor, tensor, type Weights } from "@hawksbill/core";
import { expect, test } from "vitest";
import { updateCodebook } from "./index.js";

/** A codebook of vectors with one element each. */
function codebook(embed: number[], clusterSize: number[]): Weights {
  return {
    "codebook.embed": tensor([embed]),
    "codebook.cluster_size": tensor(clusterSize),
    "codebook.embed_avg": tensor([embed.map((x, k) => x * (clusterSize[k] as number))]),
  };
}

/** Two clips of two vectors each. */
const encoded = tensor([[[1, 2]], [[3, 4]]]);
const codes = (...list: number[]): Tensor => tensor(Int32Array.from(list), { shape: [2, 2] });
const numbers = (x: Tensor | undefined): number[] => Array.from(x?.dataSync() ?? [], Number);
const embedOf = (weights: Weights): number[] =>
  numbers(weights["codebook.embed"]).map((x) => Number(x.toFixed(3)));

test("codes go to the mean of their vectors when nothing of the past is kept", () => {
  const step = { encoded, codes: codes(0, 0, 1, 1) };
  const { codebook: moved } = updateCodebook(codebook([0, 0], [1, 1]), step, { decay: 0 });
  expect(embedOf(moved)).toEqual([1.5, 3.5]);
});

test("a code that was never chosen stays", () => {
  const step = { encoded, codes: codes(0, 0, 0, 0) };
  const { codebook: moved, restarted } = updateCodebook(codebook([0, 7], [0, 0]), step, {
    epsilon: 0,
  });
  expect(embedOf(moved)).toEqual([2.5, 7]);
  expect(restarted).toBe(0);
});

test("vectors beyond a clip's end do not count", () => {
  const step = { encoded, codes: codes(0, 1, 1, 1) };
  const options = { decay: 0, codeCounts: [1, 2] };
  const { codebook: moved } = updateCodebook(codebook([0, 0], [1, 1]), step, options);
  expect(embedOf(moved)).toEqual([1, 3.5]);
});

test("a dead code restarts on a vector of the batch, with time to live", () => {
  const step = { encoded, codes: codes(0, 0, 0, 0) };
  const old = codebook([2.5, 99], [4, 0.01]);
  const restart = { random: new Random(1) };
  const { codebook: moved, restarted } = updateCodebook(old, step, { restart });
  expect(restarted).toBe(1);
  expect([1, 2, 3, 4]).toContain(embedOf(moved)[1]);
  expect(numbers(moved["codebook.cluster_size"])[1]).toBeCloseTo(2, 1); // The mean of 4 and 0.01.
  expect(updateCodebook(moved, step, { restart }).restarted).toBe(0);
});

test("the threshold decides who is dead", () => {
  const step = { encoded, codes: codes(0, 0, 0, 0) };
  const restart = { random: new Random(1), below: 0 };
  expect(updateCodebook(codebook([2.5, 99], [4, 0.01]), step, { restart }).restarted).toBe(0);
});

test("a step of another codebook is refused", () => {
  const two = { ...codebook([0, 0], [1, 1]), "codebook.embed": tensor([[0], [0]]) };
  expect(() => updateCodebook(two, { encoded, codes: codes(0, 0, 0, 0) })).toThrow(
    "updateCodebook: vectors [2,1,2] and codes [2,2] do not fit a codebook [2, 1]; give [batch, 2, codes] and [batch, codes] of one step",
  );
  const { "codebook.embed_avg": _, ...rest } = codebook([0, 0], [1, 1]);
  expect(() => updateCodebook(rest, { encoded, codes: codes(0, 0, 0, 0) })).toThrow(
    'updateCodebook: "codebook.embed_avg" is missing, wanted 2 float32 elements; give the codebook of one model',
  );
});

test("a vector that is no number moves nothing, unless it lies beyond a clip's end", () => {
  const step = { encoded: tensor([[[1, Number.NaN]], [[3, 4]]]), codes: codes(0, 0, 1, 1) };
  expect(() => updateCodebook(codebook([0, 0], [1, 1]), step)).toThrow(
    new NonFiniteError(
      "updateCodebook: vector 1 of item 0 holds NaN; leave this step out, and look for such numbers in its clips and in the weights",
    ),
  );
  const options = { decay: 0, codeCounts: [1, 2] };
  const { codebook: moved } = updateCodebook(codebook([0, 0], [1, 1]), step, options);
  expect(embedOf(moved)).toEqual([1, 3.5]);
});
