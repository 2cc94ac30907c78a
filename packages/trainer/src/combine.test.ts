import { toFloat16, toFloat32 } from "@hawksbill/checkpoint";
import { liveTensors, Random, type Tensor, tensor, type Weights, zeros } from "@hawksbill/core";
import { describe, expect, test } from "vitest";
import { valuesOf } from "../fixtures/toy.js";
import { initialiseAdapter } from "./adapter.js";
import type { SavedAdapter } from "./adapter-file.js";
import { combineAdapters } from "./combine-adapters.js";
import { combineWeights } from "./combine-weights.js";
import { merge, mergedLazily } from "./merge-adapter.js";
import { weightsHash } from "./weights-hash.js";

async function read(weights: Weights): Promise<Record<string, number[]>> {
  const entries = Object.entries(weights).map(async ([name, x]) => [
    name,
    Array.from(await x.data(), Number),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

describe("combineWeights", () => {
  const [a, b] = [tensor([1, 2, 3]), tensor([3, 2, -1])];

  test("with shares of 1 / n it is the mean, whatever the dtypes", async () => {
    const parts = [
      { name: "a", weights: { w: a }, share: 0.5 },
      { name: "b", weights: toFloat16({ w: b }), share: 0.5 },
    ];
    const live = liveTensors();
    const mean = combineWeights(parts);
    expect(await read(mean)).toEqual({ w: [2, 2, 1] });
    expect(liveTensors()).toBe(live); // Nothing is held.
  });

  test("any sum: one and what another learnt on top of a third", async () => {
    const parts = [a, b, tensor([1, 1, 1])].map((w, i) => ({
      name: "m",
      weights: { w },
      share: [1, 1, -1][i] as number,
    }));
    expect(await read(combineWeights(parts))).toEqual({ w: [3, 3, 1] });
  });

  test("the mean of one with itself is itself, bit for bit", async () => {
    const w = new Random(1).normal([1000]);
    const parts = [1, 2, 3].map(() => ({ name: "m", weights: { w }, share: 1 / 3 }));
    expect(await combineWeights(parts).w?.data()).toEqual(w.dataSync());
  });

  test("whole numbers have to be the same in all", async () => {
    const of = (n: number, name: string) => ({
      name,
      weights: { mask: tensor(Int32Array.of(n)) },
      share: 0.5,
    });
    expect(await read(combineWeights([of(7, "a"), of(7, "b")]))).toEqual({ mask: [7] });
    await expect(combineWeights([of(7, "a"), of(8, "b")]).mask?.data()).rejects.toThrow(
      'combineWeights: "mask" is int32, which has no mean, and differs between a and b; leave it out',
    );
  });

  test.each<[string, Weights, string]>([
    ["another shape", { w: zeros([4]) }, '"w" is float32[3] in a.pth, but float32[4] in b.pth'],
    ["a tensor too few", {}, '"w" is in a.pth, but not in b.pth'],
    ["a tensor too many", { w: b, x: b }, '"x" is in b.pth, but not in a.pth'],
  ])("refuses %s", (_, weights, message) => {
    const parts = [
      { name: "a.pth", weights: { w: a }, share: 0.5 },
      { name: "b.pth", weights, share: 0.5 },
    ];
    expect(() => combineWeights(parts)).toThrow(
      `combineWeights: ${message}; give models of one kind and of the same sizes`,
    );
  });

  test("refuses nothing, and shares that are no numbers", () => {
    expect(() => combineWeights([])).toThrow(
      "combineWeights: there is nothing to combine; give parts",
    );
    expect(() => combineWeights([{ name: "a", weights: { w: a }, share: Number.NaN }])).toThrow(
      new RangeError("combineWeights: the share of a is NaN; give a number, e.g. 0.5"),
    );
  });
});

/** A matrix of each form that is adapted: GPT-2's [in, out], a head's [out, in], a convolution's [out, in, kernel]. */
const random = new Random(1);
const base: Weights = {
  "gpt.h.0.attn.c_attn.weight": random.fork("a").normal([4, 6]),
  "mel_head.weight": random.fork("b").normal([5, 4]),
  "conditioning_encoder.init.weight": random.fork("c").normal([4, 3, 2]),
};

/** An adapter as after training: neither matrix is zero. */
async function trained(seed: number, options: object): Promise<SavedAdapter> {
  const adapter = initialiseAdapter(base, { random: new Random(seed), ...options });
  const weights = Object.entries(adapter.weights).map(([name, x]) => [
    name,
    new Random(seed).fork(name).normal(x.shape),
  ]);
  return { ...adapter, weights: Object.fromEntries(weights), base: await weightsHash(base) };
}

/** By how much an adapter changes the base. */
async function changes(adapter: SavedAdapter, share = 1): Promise<Record<string, number[]>> {
  const merged = valuesOf(await merge(base, adapter));
  const before = valuesOf(base);
  return Object.fromEntries(
    Object.entries(merged).map(([name, w]) => [
      name,
      w.map((x, i) => share * (x - (before[name]?.[i] as number))),
    ]),
  );
}

describe("combineAdapters", () => {
  test("changes the base by the weighted sum of the changes, for other ranks, alphas and layers", async () => {
    const a = await trained(2, { rank: 2, alpha: 3 });
    const b = await trained(3, {
      rank: 3,
      alpha: 1,
      layers: ["mel_head", "conditioning_encoder.*"],
    });
    const live = liveTensors();
    const both = await combineAdapters([
      { name: "a", adapter: a, share: 0.25 },
      { name: "b", adapter: b, share: -2 },
    ]);
    expect(liveTensors() - live).toBe(Object.keys(both.weights).length);
    expect(both).toMatchObject({ rank: 5, alpha: 5, base: a.base });
    expect(both.layers).toEqual(["*", "mel_head", "conditioning_encoder.*"]);
    const [got, ofA, ofB] = [await changes(both), await changes(a, 0.25), await changes(b, -2)];
    // Sums of a few products near 1, each rounded to float32.
    for (const [name, values] of Object.entries(got))
      for (const [i, value] of values.entries())
        expect(value).toBeCloseTo((ofA[name]?.[i] ?? 0) + (ofB[name]?.[i] ?? 0), 5);
  });

  test("one alone with share 1 changes what it did", async () => {
    const adapter = await trained(2, { rank: 2 });
    const same = await combineAdapters([{ name: "a", adapter, share: 1 }]);
    expect(same).toMatchObject({ rank: 2, alpha: 2 });
    expect(valuesOf(same.weights)).toEqual(valuesOf(adapter.weights));
  });

  test("refuses adapters of different bases, and of different shapes", async () => {
    const a = await trained(2, { rank: 2 });
    const other = { ...a, base: "0".repeat(64) };
    await expect(
      combineAdapters([
        { name: "a.safetensors", adapter: a, share: 1 },
        { name: "b.safetensors", adapter: other, share: 1 },
      ]),
    ).rejects.toThrow(
      `combineAdapters: b.safetensors was made for other weights (sha256 000000000000…) than a.safetensors (${a.base.slice(0, 12)}…); give adapters of one base`,
    );
    const name = "mel_head.lora_B.weight";
    const wide = { ...a, weights: { ...a.weights, [name]: zeros([9, 2]) } };
    await expect(
      combineAdapters([
        { name: "a", adapter: a, share: 1 },
        { name: "b", adapter: wide, share: 1 },
      ]),
    ).rejects.toThrow(
      'combineAdapters: "mel_head.lora_B.weight" is [5,2] in a, but [9,2] in b; give adapters of one base',
    );
  });
});

test("mergedLazily gives the numbers of merge when they are read, from half precision, too", async () => {
  const adapter = await trained(2, { rank: 2, layers: ["mel_head"] });
  const lazy = mergedLazily(base, adapter);
  expect(await read(lazy)).toEqual(valuesOf(await merge(base, adapter)));
  expect(lazy["gpt.h.0.attn.c_attn.weight"]).toBe(base["gpt.h.0.attn.c_attn.weight"] as Tensor);
  const halves = toFloat16(base);
  expect(await read(mergedLazily(halves, adapter))).toMatchObject({
    "mel_head.weight": valuesOf(await merge(toFloat32(halves), adapter))["mel_head.weight"],
  });
});
