import { tensor } from "@hawksbill/core";
import { expect, test } from "vitest";
import { CheckpointError, encodeSafetensors, openCheckpoint } from "./index.js";

const shards: Readonly<Record<string, Uint8Array>> = {
  "m-1-of-2.safetensors": encodeSafetensors({ a: tensor([1]) }, { step: "5" }),
  "m-2-of-2.safetensors": encodeSafetensors({ b: tensor([2]), c: tensor([3]) }, { made: "here" }),
};
const places = { a: "m-1-of-2.safetensors", b: "m-2-of-2.safetensors", c: "m-2-of-2.safetensors" };

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const sibling = (name: string): Uint8Array => {
  const shard = shards[name];
  if (!shard) throw new Error("there is no such file");
  return shard;
};

async function problem(
  index: unknown,
  options: Parameters<typeof openCheckpoint>[1] = { sibling },
) {
  try {
    await openCheckpoint(index instanceof Uint8Array ? index : json(index), {
      name: "m.index.json",
      ...options,
    });
    return "none";
  } catch (error) {
    if (error instanceof CheckpointError) return error.message;
    throw error;
  }
}

test("reads the tensors of several files as one checkpoint", async () => {
  const index = json({ metadata: { total_size: 12 }, weight_map: places });
  const { format, tensors, metadata, storedDTypes } = await openCheckpoint(index, { sibling });
  expect(format).toBe("sharded-safetensors");
  expect(metadata).toEqual({ step: "5", made: "here" });
  expect(storedDTypes).toEqual({ a: "F32", b: "F32", c: "F32" });
  const read = Object.entries(tensors).map(async ([name, x]) => [name, ...(await x.data())]);
  expect(await Promise.all(read)).toEqual([
    ["a", 1],
    ["b", 2],
    ["c", 3],
  ]);
});

const first = { a: "m-1-of-2.safetensors" };
test.each<[fact: string, index: unknown, message: string]>([
  [
    "JSON of something else",
    { a: 1 },
    'is JSON, but no index with a "weight_map"; give the .safetensors file, or its model.safetensors.index.json',
  ],
  [
    "a list for a map",
    { weight_map: [] },
    'is JSON, but no index with a "weight_map"; give the .safetensors file, or its model.safetensors.index.json',
  ],
  [
    "half an index",
    json({ weight_map: places }).subarray(0, 40),
    "is not JSON, so it is no index of shards either",
  ],
  [
    "a missing shard",
    { weight_map: { x: "m-3-of-2.safetensors" } },
    'needs "m-3-of-2.safetensors" beside it: there is no such file',
  ],
  [
    "a tensor that its shard has not",
    { weight_map: { ...first, b: "m-1-of-2.safetensors" } },
    '"b" is not in "m-1-of-2.safetensors", where the index has it',
  ],
  [
    "a tensor that every object has",
    { weight_map: { ...first, constructor: "m-1-of-2.safetensors" } },
    '"constructor" is not in "m-1-of-2.safetensors", where the index has it',
  ],
  [
    "too many files",
    {
      weight_map: Object.fromEntries(
        Array.from({ length: 1001 }, (_, i) => [i, `${i}.safetensors`]),
      ),
    },
    "names 1001 files, over the limit of 1000; no checkpoint has so many",
  ],
  [
    "too many tensors",
    { weight_map: Object.fromEntries(Array.from({ length: 100_001 }, (_, i) => [i, ""])) },
    "names 100001 tensors, over the limit of 100000; no checkpoint has so many",
  ],
  [
    "lists in lists",
    new TextEncoder().encode(`{"a":${"[".repeat(7_000_000)}`),
    'is JSON, but no index with a "weight_map"; give the .safetensors file, or its model.safetensors.index.json',
  ],
  [
    "an index that is too long",
    new TextEncoder().encode(`{"a":"${"x".repeat(8_000_000)}"}`),
    "is an index of 8000008 bytes, over the limit of 8000000; no checkpoint needs one",
  ],
])("refuses %s", async (_, index, message) => {
  expect(await problem(index)).toBe(`m.index.json: ${message}`);
});

test.each([
  "../m.safetensors",
  "/etc/passwd",
  "a/m.safetensors",
  "a\\m.safetensors",
  "..",
  "C:m.safetensors",
  "m.safetensors:stream.safetensors",
  "http://host/m.safetensors",
  "%2e%2e%2fm.safetensors",
  ".hidden.safetensors",
  "m.pth",
  "m\0.safetensors",
  "",
  7,
  null,
])("refuses a shard called %j", async (file) => {
  expect(await problem({ weight_map: { ...first, x: file } })).toBe(
    `m.index.json: "x" is said to be in ${JSON.stringify(String(file))}, which is no file of the same folder; do not trust this index`,
  );
});

test("names the shard that was cut short", async () => {
  const cut = (name: string): Uint8Array => sibling(name).subarray(0, -1);
  expect(await problem({ weight_map: places }, { sibling: cut })).toBe(
    'm-1-of-2.safetensors: "a" ends at byte 4 of the data, but the file has only 3; it was cut short: copy or download it again',
  );
});

test("asks where the shards are", async () => {
  expect(await problem({ weight_map: places }, {})).toBe(
    'm.index.json: is the index of several files; say where "m-1-of-2.safetensors" is with the option "sibling"',
  );
});
