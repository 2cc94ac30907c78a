import { decodeSafetensors, encodeSafetensors, toFloat16 } from "@hawksbill/checkpoint";
import { ones, Random, tensor, type Weights, zeros } from "@hawksbill/core";
import { expect, test } from "vitest";
import { toyWeights, valuesOf } from "../fixtures/toy.js";
import { type Adapter, initialiseAdapter } from "./adapter.js";
import { decodeAdapter, encodeAdapter, requireBase } from "./adapter-file.js";
import { applied } from "./apply-adapter.js";
import { merge } from "./merge-adapter.js";
import { weightsHash } from "./weights-hash.js";

/** A block of GPT-2 with a table before it and a head behind it, as UnifiedVoice names them. */
const base: Weights = {
  "mel_embedding.weight": ones([9, 4]),
  "gpt.h.0.ln_1.weight": ones([4]),
  "gpt.h.0.attn.c_attn.weight": ones([4, 12]),
  "gpt.h.0.attn.c_attn.bias": ones([12]),
  "conditioning_encoder.init.weight": ones([4, 8, 1]),
  "mel_head.weight": ones([9, 4]),
};
const shapesOf = ({ weights }: Adapter): Record<string, readonly number[]> =>
  Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, shape]));

test("by default every matrix is adapted, and no table", () => {
  const adapter = initialiseAdapter(base, { rank: 2, random: new Random(1) });
  expect(shapesOf(adapter)).toEqual({
    "gpt.h.0.attn.c_attn.lora_A.weight": [2, 4],
    "gpt.h.0.attn.c_attn.lora_B.weight": [12, 2],
    "conditioning_encoder.init.lora_A.weight": [2, 8, 1],
    "conditioning_encoder.init.lora_B.weight": [4, 2, 1],
    "mel_head.lora_A.weight": [2, 4],
    "mel_head.lora_B.weight": [9, 2],
  });
});

test.each([
  [["gpt.h.*"], ["gpt.h.0.attn.c_attn"]],
  [
    ["*.c_attn", "mel_head.weight"],
    ["gpt.h.0.attn.c_attn", "mel_head"],
  ],
  [["mel_embedding"], ["mel_embedding"]],
])("the patterns %j choose %j", (layers, chosen) => {
  const adapter = initialiseAdapter(base, { rank: 1, layers, random: new Random(1) });
  const as = Object.keys(adapter.weights).filter((name) => name.endsWith("lora_A.weight"));
  expect(as).toEqual(chosen.map((name) => `${name}.lora_A.weight`));
  expect(adapter.layers).toEqual(layers);
});

test("a new adapter changes nothing; its A lies within 1 / √in, the same for the same seed", async () => {
  const adapter = initialiseAdapter(base, { rank: 8, random: new Random(1) });
  expect(valuesOf(await merge(base, adapter))).toEqual(valuesOf(base));
  const a = valuesOf(adapter.weights)["gpt.h.0.attn.c_attn.lora_A.weight"] ?? [];
  expect(Math.max(...a.map(Math.abs))).toBeLessThanOrEqual(1 / 2);
  expect(Math.max(...a)).toBeGreaterThan(0.4);
  expect(Math.min(...a)).toBeLessThan(-0.4);
  const again = initialiseAdapter(base, { rank: 8, random: new Random(1) });
  expect(valuesOf(again.weights)).toEqual(valuesOf(adapter.weights));
});

test.each([
  [{ rank: 0 }, "initialiseAdapter: rank is 0; give a whole number >= 1, e.g. 16"],
  [{ alpha: -1 }, "initialiseAdapter: alpha is -1; give a number above 0, e.g. 16"],
  [
    { layers: ["gpt.h.*.c_atn"] },
    'initialiseAdapter: "gpt.h.*.c_atn" matches no matrix; name some of mel_embedding.weight, gpt.h.0.attn.c_attn.weight, conditioning_encoder.init.weight, mel_head.weight, …',
  ],
  [
    { layers: ["*.bias"] },
    'initialiseAdapter: "*.bias" matches no matrix; name some of mel_embedding.weight, gpt.h.0.attn.c_attn.weight, conditioning_encoder.init.weight, mel_head.weight, …',
  ],
])("settings without sense are refused: %j", (options, message) => {
  expect(() => initialiseAdapter(base, { ...options, random: new Random(1) })).toThrow(message);
});

test("an adapter of other weights is refused", async () => {
  const adapter = initialiseAdapter(base, { rank: 2, layers: ["mel_head"], random: new Random(1) });
  const { "mel_head.weight": _, ...without } = base;
  await expect(merge(without, adapter)).rejects.toThrow(
    'merge: "mel_head.weight" is adapted, but not among the weights; give the base that the adapter was made for',
  );
  expect(() => applied({ ...base, "mel_head.weight": zeros([9, 5]) }, adapter)).toThrow(
    'applied: "mel_head.weight" is float32[9,5], its adapter float32[2,4] and float32[9,2]; give the base that the adapter was made for',
  );
  await expect(merge(toFloat16(base), adapter)).rejects.toThrow(
    'merge: "mel_head.weight" is float16; give float32 (toFloat32 of @hawksbill/checkpoint makes it)',
  );
});

test("a file holds the adapter and the hash of its base", async () => {
  const adapter = initialiseAdapter(base, {
    rank: 2,
    alpha: 3,
    layers: ["gpt.*"],
    random: new Random(1),
  });
  const { tensors, metadata } = encodeAdapter({ ...adapter, base: await weightsHash(base) });
  const read = decodeAdapter(
    decodeSafetensors(encodeSafetensors(tensors, metadata)),
    "a.safetensors",
  );
  expect({ ...read, weights: valuesOf(read.weights) }).toEqual({
    ...adapter,
    base: await weightsHash(base),
    weights: valuesOf(adapter.weights),
  });
  await requireBase(base, read);
});

test.each([
  ["lora_A", "lora_B"],
  ["lora_B", "lora_A"],
])("a file with %s alone is refused", (one, other) => {
  const adapter = initialiseAdapter(base, { rank: 2, layers: ["mel_head"], random: new Random(1) });
  const { tensors, metadata } = encodeAdapter({ ...adapter, base: "0".repeat(64) });
  const half = Object.entries(tensors).filter(([name]) => name.includes(one));
  expect(() =>
    decodeAdapter({ tensors: Object.fromEntries(half), metadata }, "a.safetensors"),
  ).toThrow(
    `a.safetensors: its adapter has "mel_head.${one}.weight", but not "mel_head.${other}.weight"; use another copy`,
  );
});

test("another base is refused by its hash", async () => {
  const other = { ...base, "gpt.h.0.ln_1.weight": zeros([4]) };
  const [mine, theirs] = [await weightsHash(base), await weightsHash(other)];
  await expect(requireBase(other, { base: mine }, "voice.safetensors")).rejects.toThrow(
    `voice.safetensors: it was made for other weights (sha256 ${mine.slice(0, 12)}…) than these (${theirs.slice(0, 12)}…); give the base that it was trained on`,
  );
});

test("the hash depends on names, shapes and values, not on order or halves", async () => {
  const weights = toyWeights();
  const hash = await weightsHash(toFloat16(weights));
  const rounded = await weightsHash(Object.fromEntries(Object.entries(weights).reverse()));
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(rounded).not.toBe(hash);
  const exact = { a: tensor([1, 0.5]), b: tensor([2]) };
  expect(await weightsHash(toFloat16(exact))).toBe(await weightsHash({ b: exact.b, a: exact.a }));
  const hashes = await Promise.all(
    [exact, { a: exact.a }, { ...exact, a: tensor([[1], [0.5]]) }, { c: exact.a, b: exact.b }].map(
      weightsHash,
    ),
  );
  expect(new Set(hashes).size).toBe(4);
});

test.each([
  [{}, "a.safetensors: it holds no adapter; give a file that training with one saved"],
  [{ "hawksbill.adapter": "{" }, "a.safetensors: its adapter is damaged; use another copy"],
  [
    { "hawksbill.adapter": '{"version":1,"rank":2,"alpha":2,"layers":["*"],"base":"12"}' },
    "a.safetensors: its adapter is damaged; use another copy",
  ],
  [
    { "hawksbill.adapter": '{"version":2}' },
    "a.safetensors: its adapter has version 2, this program reads 1; update Hawksbill",
  ],
])("metadata %o is refused", (metadata, message) => {
  expect(() => decodeAdapter({ tensors: {}, metadata }, "a.safetensors")).toThrow(message);
});
