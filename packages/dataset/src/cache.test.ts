import { expect, test } from "vitest";
import { type Cache, cachedCodes, memoryCache } from "./index.js";

/** A cache that can be spoilt. */
function glassCache(): Cache & { readonly kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  return {
    kept,
    get: async (key) => kept.get(key),
    set: async (key, bytes) => void kept.set(key, bytes),
  };
}

const sound = { hash: "abc", model: "dvae 1" };

test("codes are computed once for each sound and model", async () => {
  const cache = memoryCache();
  let computed = 0;
  const encode = async () => Int32Array.of(5, 8191, ++computed);

  expect(await cachedCodes(cache, sound, encode)).toEqual(Int32Array.of(5, 8191, 1));
  expect(await cachedCodes(cache, sound, encode)).toEqual(Int32Array.of(5, 8191, 1));
  await cachedCodes(cache, { ...sound, model: "dvae 2" }, encode);
  await cachedCodes(cache, { ...sound, hash: "abd" }, encode);
  expect(computed).toBe(3);
});

test.each([
  ["shorter", (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 4)],
  ["empty", () => new Uint8Array()],
  ["changed", (bytes: Uint8Array) => bytes.map((byte, i) => (i === 9 ? byte ^ 1 : byte))],
])("what was kept and has become %s is computed again", async (_, spoil) => {
  const cache = glassCache();
  await cachedCodes(cache, sound, async () => Int32Array.of(1, 2, 3));
  for (const [key, bytes] of cache.kept) cache.kept.set(key, spoil(bytes));

  expect(await cachedCodes(cache, sound, async () => Int32Array.of(7))).toEqual(Int32Array.of(7));
  expect(await cachedCodes(cache, sound, async () => Int32Array.of(8))).toEqual(Int32Array.of(7));
});
