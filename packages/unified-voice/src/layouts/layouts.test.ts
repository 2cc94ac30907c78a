/// <reference types="node" />
import { existsSync, readFileSync } from "node:fs";
import { lazyTensor, Random, type Shape, type Tensor, type Weights, zeros } from "@hawksbill/core";
import { describe, expect, test } from "vitest";
import { unifiedVoiceConfig } from "../config.js";
import { initialise } from "../initialise.js";
import { exportStateDict } from "./export-state-dict.js";
import { importStateDict } from "./import-state-dict.js";
import type { Layout } from "./layout.js";

const weights = initialise(
  unifiedVoiceConfig({
    layers: 2,
    modelDim: 64,
    maxTextTokens: 10,
    maxMelTokens: 12,
    textTokens: 20,
    melCodes: 34,
    conditioningBlocks: 1,
  }),
  new Random(1),
);

const solo = { text_solo_embedding: zeros([1, 1, 64]), mel_solo_embedding: zeros([1, 1, 64]) };
const head = (name: string) => ({
  [`${name}.weight`]: zeros([7, 64]),
  [`${name}.bias`]: zeros([7]),
});

function renamed(stateDict: Weights, rename: (name: string) => string): Weights {
  return Object.fromEntries(Object.entries(stateDict).map(([name, x]) => [rename(name), x]));
}

describe("every layout comes back as it was", () => {
  test.each<[Layout, extras: Weights, maskBuffers: boolean]>([
    ["tortoise", {}, false],
    ["tortoise", {}, true],
    ["tortoise", solo, false],
    ["unified_voice3", head("aligned_head"), true],
    ["unified_voice4", head("alignment_head"), false],
  ])("%s %#", (layout, extras, maskBuffers) => {
    const stateDict = exportStateDict(weights, { layout, extras, maskBuffers });

    const imported = importStateDict(stateDict);

    expect(imported.weights).toEqual(weights);
    expect(imported.layout).toBe(layout);
    expect(imported.extras).toEqual(extras);
    const again = exportStateDict(imported.weights, { ...imported, maskBuffers });
    expect(Object.keys(again)).toEqual(Object.keys(stateDict));
    for (const [name, x] of Object.entries(extras)) expect(again[name]).toBe(x);
  });

  test("unified_voice2 has the tensors of tortoise", () => {
    const stateDict = exportStateDict(weights, { layout: "unified_voice2", extras: solo });
    expect(importStateDict(stateDict).layout).toBe("tortoise");
  });
});

describe("says what became of each tensor", () => {
  test("nothing, if all are weights", () => {
    expect(importStateDict(weights).changes).toEqual([]);
  });

  test("mask buffers and strangers are dropped, solo embeddings set aside", () => {
    const stateDict = {
      ...exportStateDict(weights, { extras: solo, maskBuffers: true }),
      "ema.decay": zeros([1]),
    };
    const { changes } = importStateDict(stateDict);
    expect(changes).toHaveLength(4 + 2 + 1);
    expect(changes).toContainEqual({
      tensor: "gpt.h.1.attn.masked_bias",
      change: "dropped",
      why: "mask buffers of older transformers",
    });
    expect(changes).toContainEqual({
      tensor: "ema.decay",
      change: "dropped",
      why: "no part of a UnifiedVoice",
    });
    expect(changes).toContainEqual({
      tensor: "text_solo_embedding",
      change: "set aside",
      why: "it is only used in training",
    });
  });

  test("prefixes of wrappers are taken off", () => {
    const wrapped = renamed(weights, (name) => `state_dict.module.${name}`);
    const imported = importStateDict({ ...wrapped, "optimizer.step": zeros([1]) });
    expect(imported.weights).toEqual(weights);
    expect(imported.changes).toContainEqual({
      tensor: "state_dict.module.mel_head.bias",
      change: "renamed",
      to: "mel_head.bias",
      why: "state_dict.module. is a wrapper's",
    });
    expect(imported.changes).toContainEqual({
      tensor: "optimizer.step",
      change: "dropped",
      why: "beside state_dict.module.*",
    });
  });
});

describe("copies made for generation", () => {
  /** The names under which each definition saves its weights a second time. */
  const tortoise = (name: string): string =>
    name
      .replace(/^gpt\./, "inference_model.transformer.")
      .replace(/^mel_embedding\./, "inference_model.embeddings.")
      .replace(/^mel_pos_embedding\./, "inference_model.text_pos_embedding.")
      .replace(/^final_norm\./, "inference_model.lm_head.0.")
      .replace(/^mel_head\./, "inference_model.lm_head.1.");
  const dlas = (name: string): string =>
    tortoise(name)
      .replace("inference_model.text_pos", "inference_model.posterior_pos")
      .replace("inference_model.lm_head", "inference_model.head");

  test.each([tortoise, dlas])("are dropped where the weights are (%#)", (rename) => {
    const copies = Object.fromEntries(
      Object.entries(renamed(weights, rename)).filter(([name]) => name.startsWith("inference")),
    );
    const imported = importStateDict({
      ...copies,
      ...weights,
      "gpt.wte.weight": weights["mel_embedding.weight"] as Tensor,
    });
    expect(imported.weights).toEqual(weights);
    expect(imported.changes).toHaveLength(Object.keys(copies).length + 1);
    expect(new Set(imported.changes.map(({ change }) => change))).toEqual(new Set(["dropped"]));
  });

  test.each([tortoise, dlas])("take the place of weights that are missing (%#)", (rename) => {
    const imported = importStateDict(renamed(weights, rename));
    for (const [name, x] of Object.entries(weights)) expect(imported.weights[name]).toBe(x);
    expect(imported.changes).toContainEqual({
      tensor: rename("mel_pos_embedding.emb.weight"),
      change: "renamed",
      to: "mel_pos_embedding.emb.weight",
      why: "it is a copy of mel_pos_embedding.emb.weight, which is missing",
    });
  });
});

describe("refuses what it cannot load or write", () => {
  test.each<[string, Weights, string]>([
    [
      "another model",
      Object.fromEntries(
        [0, 1, 2, 3, 4, 5].flatMap((i) => [
          [`layers.${i}.weight`, zeros([4, 4])],
          [`layers.${i}.bias`, zeros([4])],
        ]),
      ),
      "my.pth: is of another kind (random-latent converter); give a UnifiedVoice's",
    ],
    [
      "a missing tensor",
      Object.fromEntries(Object.entries(weights).filter(([name]) => name !== "mel_head.bias")),
      'my.pth: "mel_head.bias" is missing; the file has other tensors of "mel_head": it was left out when the file was written or edited',
    ],
    [
      "a wrong shape",
      { ...weights, "text_head.bias": zeros([21]) },
      'my.pth: "text_head.bias" is [21], expected [20]; it is of a model with textTokens 21, where other tensors say 20',
    ],
    [
      "a model that reads mels",
      { ...weights, "mel_embedding.encoder.0.weight": zeros([16, 80, 3]) },
      'my.pth: "mel_embedding.encoder.0.weight" makes it a model that reads mels instead of codes (use_mel_codes_as_input=False); give one that reads codes',
    ],
    ["nothing", {}, "my.pth: is of another kind (unknown); give a UnifiedVoice's"],
  ])("%s", (_, stateDict, message) => {
    expect(() => importStateDict(stateDict, "my.pth")).toThrow(message);
  });

  test("extras that a layout lacks or has not", () => {
    expect(() => exportStateDict(weights, { layout: "unified_voice4" })).toThrow(
      'exportStateDict: unified_voice4 needs alignment_head.weight; give it as an extra, or choose the layout "tortoise", which no extras are needed for',
    );
    expect(() => exportStateDict(weights, { extras: head("aligned_head") })).toThrow(
      "exportStateDict: tortoise has no aligned_head.weight; leave it out of the extras, or choose its layout",
    );
  });
});

test("mask buffers let each position see itself and those before", () => {
  const stateDict = exportStateDict(weights, { maskBuffers: true });
  const mask = stateDict["gpt.h.1.attn.bias"];
  expect(mask?.shape).toEqual([1, 1, 28, 28]); // 10 + 2 text and 12 + 4 mel positions.
  const bits = mask?.dataSync() ?? [];
  for (let to = 0; to < 28; to++)
    for (let from = 0; from < 28; from++) expect(bits[to * 28 + from]).toBe(from <= to ? 1 : 0);
  expect(stateDict["gpt.h.0.attn.masked_bias"]).toMatchObject({ shape: [] });
  expect(stateDict["gpt.h.0.attn.masked_bias"]?.dataSync()).toEqual(Float32Array.of(-1e4));
});

const released = new URL("../../../../../shared/data/state_dict_shapes.json", import.meta.url);
test.skipIf(!existsSync(released))(
  "the released model's tensors are written, no more and no less (needs ../shared)",
  () => {
    const files: Record<string, Record<string, Shape>> = JSON.parse(readFileSync(released, "utf8"));
    const shapes = files["autoregressive.pth"] ?? {};
    const unread = { read: () => Promise.reject(new Error("only names and shapes are needed")) };
    const stateDict = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [
        name,
        lazyTensor(unread, { shape, dtype: "float32" }),
      ]),
    );
    const imported = importStateDict(stateDict);
    expect(imported.changes).toEqual([]);
    expect(Object.keys(exportStateDict(imported.weights)).sort()).toEqual(
      Object.keys(shapes).sort(),
    );
  },
);
