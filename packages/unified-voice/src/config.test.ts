/// <reference types="node" />
import { existsSync, readFileSync } from "node:fs";
import { Random, zeros } from "@hawksbill/core";
import { expect, test } from "vitest";
import { inferConfig, unifiedVoiceConfig, weightShapes } from "./config.js";
import { initialise } from "./initialise.js";

const config = unifiedVoiceConfig({
  layers: 2,
  modelDim: 128,
  maxTextTokens: 10,
  maxMelTokens: 12,
  textTokens: 20,
  melCodes: 34,
  conditioningBlocks: 1,
});
const weights = initialise(config, new Random(1));

test("sizes alone give the released model's conventions", () => {
  expect(config).toEqual({
    layers: 2,
    modelDim: 128,
    heads: 2,
    maxTextTokens: 10,
    maxMelTokens: 12,
    textTokens: 20,
    startTextToken: 19,
    stopTextToken: 0,
    melCodes: 34,
    startMelToken: 32,
    stopMelToken: 33,
    conditioningBlocks: 1,
  });
});

test("the config is found again from the weights", () => {
  expect(inferConfig(weights)).toEqual(config);
  expect(inferConfig(weights, { heads: 8 }).heads).toBe(8);
});

test("refuses heads that do not divide the width", () => {
  expect(() => inferConfig(weights, { heads: 3 })).toThrow(
    new RangeError(
      "unifiedVoiceConfig: width 128 does not divide into 3 heads; give a number of heads that divides it",
    ),
  );
});

test("refuses weights of something else, and names the tensor", () => {
  expect(() => inferConfig({ "conv.weight": zeros([1]) }, { file: "voice.safetensors" })).toThrow(
    'voice.safetensors: "conditioning_encoder.init.weight" is missing; give the weights of a UnifiedVoice',
  );
});

test("refuses weights that do not fit together, and says which", () => {
  const others = { ...weights, "mel_head.weight": zeros([34, 64]) };
  expect(() => inferConfig(others)).toThrow(
    'UnifiedVoice weights: "mel_head.weight" is [34, 64], expected [34, 128]',
  );
});

test("fresh weights have GPT-2's spread, and depend on the seed", () => {
  const deviation = (name: string, from = weights): number => {
    const data = from[name]?.dataSync() as Float32Array;
    return Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);
  };
  expect(deviation("gpt.h.0.attn.c_attn.weight")).toBeCloseTo(0.02, 3);
  expect(deviation("gpt.h.0.mlp.c_proj.weight")).toBeCloseTo(0.01, 3);
  expect(deviation("gpt.ln_f.weight")).toBe(1);
  expect(deviation("mel_head.bias")).toBe(0);
  expect(deviation("mel_head.weight", initialise(config, new Random(2)))).not.toBe(
    deviation("mel_head.weight"),
  );
});

const released = new URL("../../../../shared/data/state_dict_shapes.json", import.meta.url);
test.skipIf(!existsSync(released))(
  "names and shapes are those of the released checkpoint (needs ../shared)",
  () => {
    const files = JSON.parse(readFileSync(released, "utf8"));
    const shapes = weightShapes(
      unifiedVoiceConfig({
        layers: 30,
        modelDim: 1024,
        maxTextTokens: 402,
        maxMelTokens: 604,
        textTokens: 256,
        melCodes: 8194,
      }),
    );
    expect(shapes).toEqual(files["autoregressive.pth"]);
  },
);
