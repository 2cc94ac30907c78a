import { type Shape, zeros } from "@hawksbill/core";
import { describe, expect, test } from "vitest";
import { CheckpointError, expectShapes } from "./index.js";

/** Checks zeros of the shapes `got` against `wanted` and returns what is said. */
function problem(got: Record<string, Shape>, wanted: Record<string, Shape>): string {
  const weights = Object.fromEntries(Object.entries(got).map(([name, s]) => [name, zeros(s)]));
  try {
    expectShapes(weights, wanted, "gpt.safetensors");
  } catch (error) {
    if (error instanceof CheckpointError) return error.message;
    throw error;
  }
  return "none";
}

test("is content with the right shapes, and with further tensors", () => {
  expect(problem({ a: [1, 2], b: [], more: [3] }, { a: [1, 2], b: [] })).toBe("none");
});

describe("says what is wrong and why", () => {
  test.each<[fact: string, got: Record<string, Shape>, wanted: Record<string, Shape>, string]>([
    [
      "transposed",
      { w: [2, 6] },
      { w: [6, 2] },
      '"w" is [2, 6], expected [6, 2]; it is stored transposed',
    ],
    [
      "one axis",
      { w: [255, 4], v: [1] },
      { w: [256, 4], v: [2] },
      '"w" is [255, 4], expected [256, 4] (and 1 more tensors differ); only axis 0 differs, so the model was made with other sizes (its width, layers or vocabulary): use the config that came with the file',
    ],
    [
      "as many elements",
      { w: [3, 4, 1] },
      { w: [3, 4] },
      '"w" is [3, 4, 1], expected [3, 4]; it has as many elements, so another version may have stored it in another shape',
    ],
    [
      "another rank",
      { w: [3] },
      { w: [3, 4] },
      '"w" is [3], expected [3, 4]; it may be of another kind of model',
    ],
    [
      "a prefix too many",
      { "module.h.w": [1] },
      { "h.w": [1] },
      '"h.w" is missing; the file has "module.h.w": take "module." off the names',
    ],
    [
      "a prefix too few",
      { w: [1] },
      { "gpt.w": [1] },
      '"gpt.w" is missing; the file has "w": put "gpt." before the names',
    ],
    [
      "another model",
      { z: [1] },
      { a: [1], b: [1] },
      '"a" is missing (and 1 more of 2); it holds another kind of model, with e.g. "z"',
    ],
    [
      "fewer layers",
      { "h.0.w": [1] },
      { "h.0.w": [1], "h.1.v": [1] },
      '"h.1.v" is missing; it may be of a model with fewer layers, or only a part of one',
    ],
    ["nothing", {}, { a: [1] }, '"a" is missing; the file holds no tensors at all'],
    [
      "a name every object has",
      {},
      { toString: [] },
      '"toString" is missing; the file holds no tensors at all',
    ],
  ])("%s", (_, got, wanted, message) => {
    expect(problem(got, wanted)).toBe(`gpt.safetensors: ${message}`);
  });
});
