import { Random, sizeOf, zeros } from "@hawksbill/core";
import { expect, test } from "vitest";
import { dvaeShapes, inferDvaeConfig, initialiseDvae, splitDvae } from "./index.js";

const tiny = {
  channels: 4,
  tokens: 8,
  codebookDim: 3,
  hiddenDim: 2,
  resnetBlocks: 1,
  layers: 2,
  kernelSize: 3,
};

test("the released dVAE has 53 tensors of 51,567,184 parameters and 8,396,800 codebook values", () => {
  const released = { ...tiny, channels: 80, tokens: 8192, codebookDim: 512, hiddenDim: 512 };
  const shapes = Object.entries(dvaeShapes({ ...released, resnetBlocks: 3 }));
  const count = (codebook: boolean): number =>
    shapes
      .filter(([name]) => name.startsWith("codebook.") === codebook)
      .reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
  expect([shapes.length, count(false), count(true)]).toEqual([53, 51_567_184, 8_396_800]);
});

test("sizes that no dVAE can have are refused", () => {
  expect(() => dvaeShapes({ ...tiny, tokens: 0 })).toThrow(
    new RangeError("dvaeShapes: tokens is 0; give a whole number of 1 or more"),
  );
  expect(() => dvaeShapes({ ...tiny, kernelSize: 4 })).toThrow(
    new RangeError("dvaeShapes: kernelSize is 4; give an odd number, e.g. 3"),
  );
});

test("initial weights are PyTorch's for convolutions, repeat by seed, and give back their sizes", () => {
  const weights = initialiseDvae(tiny, new Random(1));
  expect(inferDvaeConfig(weights)).toEqual(tiny);
  const bias = weights["encoder.1.0.bias"]?.dataSync() as Float32Array;
  const bound = 1 / Math.sqrt(tiny.hiddenDim * tiny.kernelSize);
  expect(bias.every((x) => Math.abs(x) <= bound)).toBe(true);
  expect(Math.max(...bias.map(Math.abs))).toBeGreaterThan(bound / 4);
  const again = initialiseDvae(tiny, new Random(1));
  expect(again["decoder.0.weight"]?.dataSync()).toEqual(weights["decoder.0.weight"]?.dataSync());
});

test("weights that are no dVAE's name the tensor", () => {
  const weights = initialiseDvae(tiny, new Random(1));
  expect(() => inferDvaeConfig({})).toThrow(
    'dvae: "encoder.0.0.weight" is missing; give the weights of a dVAE',
  );
  expect(() => inferDvaeConfig(splitDvae(weights).parameters, "my.safetensors")).toThrow(
    'my.safetensors: "codebook.embed" is missing (and 2 more tensors are missing or differ); nothing of "codebook" is in the file: it may be one part of several, or that was not saved',
  );
  expect(() => inferDvaeConfig({ ...weights, "codebook.embed": zeros([24]) })).toThrow(
    'dvae: "codebook.embed" is [24], expected [3, 8]; it has as many elements: another version stored it in another form',
  );
  expect(() => inferDvaeConfig({ ...weights, "decoder.1.net.0.weight": zeros([4, 5, 3]) })).toThrow(
    'dvae: "decoder.1.net.0.weight" is [4, 5, 3], expected [4, 4, 3]',
  );
});
