/// <reference types="node" />
import { existsSync, readFileSync } from "node:fs";
import { Random, sizeOf, zeros } from "@hawksbill/core";
import { expect, test } from "vitest";
import { diffusionShapes, inferDiffusionConfig, initialiseDiffusion } from "./index.js";

const released = {
  bands: 100,
  modelChannels: 1024,
  heads: 16,
  layers: 10,
  latentChannels: 1024,
  tokens: 8193,
};
const tiny = { bands: 4, modelChannels: 8, heads: 2, layers: 1, latentChannels: 6, tokens: 10 };

test("the released decoder has 359 tensors of 292,334,380 numbers", () => {
  const shapes = Object.values(diffusionShapes(released));
  expect(shapes).toHaveLength(359);
  expect(shapes.reduce((sum, shape) => sum + sizeOf(shape), 0)).toBe(292_334_380);
});

const list = new URL("../../../../shared/data/state_dict_shapes.json", import.meta.url);
test.skipIf(!existsSync(list))("its names and shapes are the file's (needs ../shared)", () => {
  const files = JSON.parse(readFileSync(list, "utf8"));
  expect(diffusionShapes(released)).toEqual(files["diffusion_decoder.pth"]);
});

test("initial weights repeat by seed and give back their sizes", () => {
  const weights = initialiseDiffusion(tiny, new Random(1));
  expect(inferDiffusionConfig(weights)).toEqual(tiny);
  const again = initialiseDiffusion(tiny, new Random(1));
  expect(again["out.0.bias"]?.dataSync()).toEqual(weights["out.0.bias"]?.dataSync());
  expect(again["inp_block.weight"]?.dataSync()).toEqual(weights["inp_block.weight"]?.dataSync());
});

test("sizes that no decoder can have are refused", () => {
  expect(() => diffusionShapes({ ...tiny, layers: 0 })).toThrow(
    new RangeError("diffusionShapes: layers is 0; give a whole number of 1 or more"),
  );
  expect(() => diffusionShapes({ ...tiny, heads: 3 })).toThrow(
    new RangeError(
      "diffusionShapes: modelChannels is 8 with 3 heads; give an even number that the heads divide",
    ),
  );
});

test("weights that are no decoder's name the tensor", () => {
  const weights = initialiseDiffusion(tiny, new Random(1));
  const { "layers.0.resblk.emb_layers.1.weight": _, ...withoutLayers } = weights;
  expect(() => inferDiffusionConfig({})).toThrow(
    'diffusion: "unconditioned_embedding" is missing; give the weights of a diffusion decoder',
  );
  expect(() => inferDiffusionConfig(withoutLayers, "my.pth")).toThrow(
    'my.pth: "layers.0.resblk.emb_layers.1.weight" is missing; the file has other tensors of "layers.0"',
  );
  expect(() => inferDiffusionConfig({ ...weights, "out.2.weight": zeros([8, 8, 1]) })).toThrow(
    'diffusion: "out.2.weight" is [8, 8, 1], expected [8, 8, 3]',
  );
});
