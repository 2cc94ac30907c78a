/// <reference types="node" />
import { readFileSync } from "node:fs";
import { type Tensor, tensor } from "@hawksbill/core";
import { expect, test } from "vitest";
import { type Checkpoint, decodeSafetensors, encodePth, openCheckpoint } from "../index.js";

const folder = new URL("../../fixtures/", import.meta.url);
const bytesOf = (path: string): Uint8Array => readFileSync(new URL(path, folder));
const open = (path: string): Promise<Checkpoint> => openCheckpoint(bytesOf(path), { name: path });

/** The elements of all tensors, with their dtypes and shapes. */
async function contents({ tensors }: Checkpoint): Promise<Record<string, unknown[]>> {
  const all: Record<string, unknown[]> = {};
  for (const [name, x] of Object.entries(tensors)) all[name] = [x.dtype, x.shape, await x.data()];
  return all;
}

// Written by torch.save of PyTorch 2.13, the values also as safetensors.
test.each([
  ["state_dict_zip", "pth", ""],
  ["ordered_zip", "pth", ""],
  ["state_dict_legacy", "legacy-pth", ""],
  ["nested_zip", "pth", "model."],
])("reads views, shared storages and every dtype of %s", async (file, format, prefix) => {
  const checkpoint = await open(`pth/${file}.pth`);
  const { tensors } = decodeSafetensors(bytesOf("pth/expected.safetensors"));
  const read = await contents(checkpoint);
  expect(checkpoint.format).toBe(format);
  for (const [name, x] of Object.entries(tensors))
    expect(read[prefix + name]).toEqual([x.dtype, x.shape, x.dataSync()]);
  expect(checkpoint.storedDTypes).toMatchObject({
    [`${prefix}bf16`]: "BF16",
    [`${prefix}ids`]: "I64",
  });
});

test("names nested tensors by their keys and keeps the rest as it is nested", async () => {
  const { tensors, values } = await open("pth/nested_zip.pth");
  expect(Object.keys(tensors)).toEqual(
    expect.arrayContaining(["model.layer.weight", "optim.state.0.exp_avg", "optim.state.6.step"]),
  );
  expect(values).toMatchObject({
    iter: 12,
    lr: [0.0001, { a: [1, 2.5, null, true, "x"] }],
    optim: { param_groups: [{ betas: [0.9, 0.96], params: [0, 1] }, { weight_decay: 0 }] },
  });
  expect(values).not.toHaveProperty("model");
});

// Made by tools/fixtures/pth.py.
test.each(["protocol-2", "protocol-3", "protocol-4", "protocol-5", "legacy"])(
  "reads what training states hold besides tensors, %s",
  async (kind) => {
    const checkpoint = await open(`pth-made/values-${kind}.pth`);
    expect(checkpoint.values).toEqual({
      1: true,
      milestones: { 3: 1, 5: 2 },
      default: { a: [1] },
      set: [7],
      frozen: [8],
      dtype: "torch.bfloat16",
      device: "cuda:1",
      size: [2, 3],
      numpy_float: 0.1,
      numpy_int: -4,
      numpy_bool: true,
      bytes: Uint8Array.of(0, 255),
      long: 2n ** 70n,
      negative_long: -(2 ** 40),
      nan: Number.NaN,
      none: null,
      tuple: [1, "two", null],
      empty: [{}, [], []],
      ordered: { z: 1, a: 2 },
      False: "no",
    });
    expect(await contents(checkpoint)).toEqual({
      "tuple.2": ["float32", [2], Float32Array.of(2, 3)],
      "only_tensors.0": ["float32", [1], Float32Array.of(0)],
      "only_tensors.1.x": ["float32", [1], Float32Array.of(1)],
    });
  },
);

test("reads views with any strides, in any width", async () => {
  const read = await contents(await open("pth-made/views.pth"));
  const steps = Int32Array.of(0, 4, 8, 12, 16, 20);
  expect(read).toEqual({
    expanded: ["float32", [2, 3], Float32Array.of(1, 1, 1, 2, 2, 2)],
    every_other: ["float32", [3], Float32Array.of(0, 2, 4)],
    scalar_of_many: ["float32", [], Float32Array.of(4)],
    transposed_3d: [
      "int32",
      [4, 2, 3],
      Int32Array.from([0, 1, 2, 3].flatMap((i) => [...steps].map((n) => n + i))),
    ],
    one_axis: ["float32", [1, 6, 1], Float32Array.of(0, 1, 2, 3, 4, 5)],
    parameter: ["float32", [6], Float32Array.of(0, 1, 2, 3, 4, 5)],
    half_column: ["float16", [3], Uint16Array.of(0x3c00, 0x4200, 0x4500)],
    bytes_column: ["uint8", [3], Uint8Array.of(1, 3, 5)],
    longs_column: ["int64", [3], BigInt64Array.of(1n, 3n, 5n)],
  });
});

test("names a tensor that is in nothing, and those of a tuple", async () => {
  expect(await contents(await open("pth-made/tensor.pth"))).toEqual({
    tensor: ["float32", [6], Float32Array.of(0, 1, 2, 3, 4, 5)],
  });
  expect(await contents(await open("pth-made/tuple.pth"))).toEqual({
    0: ["float32", [1, 2], Float32Array.of(0, 1)],
    1: ["float32", [4], Float32Array.of(2, 3, 4, 5)],
  });
  expect((await open("pth-made/number.pth")).values).toEqual({ value: 5 });
});

test("reads archives that were packed again, or were written without checksums", async () => {
  expect(await contents(await open("pth-made/packed.pth"))).toEqual({
    x: ["float32", [1000], new Float32Array(1000)],
    y: ["float32", [2], Float32Array.of(1, 2)],
  });
  expect(await contents(await open("pth-made/without-checksums.pth"))).toEqual({
    x: ["float32", [6], Float32Array.of(0, 1, 2, 3, 4, 5)],
  });
});

test.each([
  [
    "complex",
    '"complex/data.pkl" has a torch.ComplexFloatStorage, which cannot be held; convert it to one of F32, F16, I64, I32, BOOL, U8, I8, F64, BF16, I16',
  ],
  [
    "object",
    '"object/data.pkl" asks for "pathlib.PosixPath", which is not on the list of what checkpoints need; nothing was run. If you trust the file, load it in Python and save only its state_dict()',
  ],
  [
    "torchscript",
    "is a TorchScript program; load it with torch.jit.load and save its state_dict()",
  ],
])("refuses what torch wrote and cannot be read, %s", async (file, message) => {
  const path = `pth-made/${file}.pth`;
  await expect(open(path)).rejects.toThrow(`${path}: ${message}`);
});

test("reads nothing but headers until a tensor is asked for, and then only its own", async () => {
  const weight = (length: number): Tensor => tensor(new Float32Array(length).fill(length));
  const bytes = encodePth({ a: weight(50_000), b: weight(30_000), step: 5 });
  let read = 0;
  const { tensors } = await openCheckpoint({
    name: "m.pth",
    size: bytes.length,
    async read(begin, end) {
      read += end - begin;
      return bytes.subarray(begin, end);
    },
  });
  // The end of a zip archive is searched in its last 64 kB.
  expect(read).toBeLessThan(70_000);
  read = 0;
  expect(await tensors.b?.data()).toEqual(new Float32Array(30_000).fill(30_000));
  expect(read - 4 * 30_000).toBeLessThan(100);
});
