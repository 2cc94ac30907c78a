import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tensor } from "@hawksbill/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CheckpointError, decodeSafetensors, encodeSafetensors } from "../index.js";
import { readSafetensors, writeSafetensors } from "./index.js";

// Made by tools/checkpoint-fixtures.py with safetensors 0.8.0.
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../fixtures/${name}.safetensors`, import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hawksbill-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("reads what the reference implementation wrote", async () => {
  const { tensors, metadata } = await readSafetensors(fixture("same"));

  const read = Object.fromEntries(
    Object.entries(tensors).map(([name, x]) => [name, [x.dtype, x.shape, x.dataSync()]]),
  );
  expect(read).toEqual({
    f32: ["float32", [2, 3], Float32Array.of(0.5, -1.25, 3e38, Number.POSITIVE_INFINITY, 0, -0)],
    f16: ["float16", [3], Uint16Array.of(0x3800, 0xbd00, 0x7bff)],
    i64: ["int64", [2], BigInt64Array.of(2n ** 62n + 1n, -1n)],
    i32: ["int32", [2], Int32Array.of(2 ** 31 - 1, -(2 ** 31))],
    u8: ["uint8", [2], Uint8Array.of(0, 255)],
    i8: ["int8", [2], Int8Array.of(-128, 127)],
    bool: ["bool", [3], Uint8Array.of(1, 0, 1)],
    scalar: ["float32", [], Float32Array.of(7)],
    empty: ["float32", [0, 4], new Float32Array(0)],
    "naïve ☃": ["float32", [1], Float32Array.of(1)],
  });
  expect(metadata).toEqual({ "made by": "safetensors 0.8.0 ☃" });
});

test("writes byte for byte what the reference implementation writes", async () => {
  const bytes = await readFile(fixture("same"));

  const { tensors, metadata } = decodeSafetensors(bytes);

  expect(encodeSafetensors(tensors, metadata)).toEqual(new Uint8Array(bytes));
});

test("converts F64, BF16 and I16", async () => {
  const { tensors } = await readSafetensors(fixture("converted"));

  expect(tensors.f64?.dataSync()).toEqual(Float32Array.of(1 / 3, Number.NEGATIVE_INFINITY));
  expect(tensors.bf16?.dataSync()).toEqual(Float32Array.of(1.5, -123.5));
  expect(tensors.i16?.dataSync()).toEqual(Int32Array.of(-32768, 32767));
});

test("writes the file that encodeSafetensors gives", async () => {
  const path = join(folder, "with spaces é.safetensors");
  const tensors = { small: tensor(Uint8Array.of(1)), wide: tensor([1, 2]) };

  await writeSafetensors(path, tensors, { step: "1" });

  expect(new Uint8Array(await readFile(path))).toEqual(encodeSafetensors(tensors, { step: "1" }));
  expect(await readdir(folder)).toEqual(["with spaces é.safetensors"]);
});

test("says what is wrong with a path", async () => {
  const missing = join(folder, "no.safetensors");
  await expect(readSafetensors(missing)).rejects.toThrow(
    new CheckpointError(missing, "cannot be read: there is no such file; check the path"),
  );
  await expect(readSafetensors(folder)).rejects.toThrow(
    new CheckpointError(folder, "cannot be read: it is a folder; give the path of a file"),
  );
  const nowhere = join(folder, "no", "m.safetensors");
  await expect(writeSafetensors(nowhere, {})).rejects.toThrow(
    new CheckpointError(
      nowhere,
      "cannot be written: its folder does not exist; make it first (the old file, if any, is intact)",
    ),
  );
});

test("refuses a file that was cut short, with its path", async () => {
  const path = join(folder, "m.safetensors");
  await writeFile(path, encodeSafetensors({ x: tensor([1, 2]) }));
  const { size } = await readFile(path).then((bytes) => ({ size: bytes.length }));
  await truncate(path, size - 1);

  await expect(readSafetensors(path)).rejects.toThrow(
    `${path}: "x" ends at byte 8 of the data, but the file has only 7`,
  );
  await truncate(path, 3);
  await expect(readSafetensors(path)).rejects.toThrow(`${path}: has 3 bytes, too few`);
});

test("a tensor that cannot be fetched leaves the old file, and nothing else", async () => {
  const path = join(folder, "m.safetensors");
  await writeSafetensors(path, { x: tensor([1]) });
  const before = await readFile(path);
  const gone = tensor([2]);
  gone.dispose();

  await expect(writeSafetensors(path, { x: tensor([3]), gone })).rejects.toThrow("disposed");

  expect(await readFile(path)).toEqual(before);
  expect(await readdir(folder)).toEqual(["m.safetensors"]);
});

test("a folder in the way is left alone", async () => {
  const path = join(folder, "m.safetensors");
  await mkdir(path);

  await expect(writeSafetensors(path, {})).rejects.toThrow(CheckpointError);

  expect(await readdir(folder)).toEqual(["m.safetensors"]);
});
