/// <reference types="node" />
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  add,
  compile,
  type Device,
  evaluate,
  lazyTensor,
  liveTensors,
  matmul,
  mul,
  openDevice,
  type Tensor,
  type TensorSource,
  tensor,
} from "./index.js";

let device: Device;
const folder = mkdtempSync(join(tmpdir(), "hawksbill-lazy-"));
beforeAll(async () => {
  device = await openDevice("cpu", { threads: 1 });
});
afterAll(async () => {
  await device.close();
  rmSync(folder, { recursive: true });
});

const numbers = Float32Array.from({ length: 1024 }, (_, i) => i / 7);

/** A file that holds `numbers` from an unaligned offset, and how often it was read through JavaScript. */
function storedNumbers(name: string): { source: TensorSource; reads: () => number } {
  const path = join(folder, name);
  const offset = 13;
  const bytes = new Uint8Array(offset + numbers.byteLength);
  bytes.set(new Uint8Array(numbers.buffer), offset);
  writeFileSync(path, bytes);
  let reads = 0;
  const read = async (): Promise<Uint8Array> => {
    reads++;
    const file = await open(path);
    const { buffer } = await file.read(new Uint8Array(numbers.byteLength), { position: offset });
    await file.close();
    return buffer;
  };
  return { source: { read, file: { path, offset } }, reads: () => reads };
}

test("data() reads the bytes, and nothing is held", async () => {
  const { source, reads } = storedNumbers("data");
  const before = liveTensors();
  const x = lazyTensor(source, { shape: [32, 32], dtype: "float32" });
  expect([x.place, reads()]).toEqual(["stored", 0]);
  expect(await x.data()).toEqual(numbers);
  expect([liveTensors() - before, reads()]).toEqual([0, 1]);
  expect(() => x.dataSync()).toThrow("is in a file; read it with await");
});

test("a source may give a Buffer from anywhere, whose slice() would not copy", async () => {
  const bytes = Buffer.from(new Uint8Array(16).fill(1)).subarray(1, 9);
  const x = lazyTensor({ read: async () => bytes }, { shape: [2], dtype: "int32" });
  expect(await x.data()).toEqual(Int32Array.of(0x01010101, 0x01010101));
});

test("a frozen weight is mapped from its file, at any offset, without being read", async () => {
  const { source, reads } = storedNumbers("mapped");
  const w = lazyTensor(source, { shape: [32, 32], dtype: "float32" });
  const eager = tensor(numbers, { shape: [32, 32] });
  const x = tensor(
    Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)),
    { shape: [1, 32] },
  );
  const times = (weight: Tensor) => compile((y: Tensor) => matmul(y, weight), { device });
  expect(await (await times(w)(x)).data()).toEqual(await (await times(eager)(x)).data());
  expect(reads()).toBe(0);
});

test("without rearranging matrices the result is the same", async () => {
  const plain = await openDevice("cpu", { threads: 1, prepack: false });
  const { source, reads } = storedNumbers("prepack");
  const w = lazyTensor(source, { shape: [32, 32], dtype: "float32" });
  const x = tensor(
    Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)),
    { shape: [1, 32] },
  );
  const mapped = await evaluate(matmul(x, w), plain);
  const eager = await evaluate(matmul(x, tensor(numbers, { shape: [32, 32] })), device);
  const difference = Math.max(
    ...(mapped.dataSync() as Float32Array).map((y, i) => Math.abs(y - Number(eager.dataSync()[i]))),
  );
  expect(difference).toBeLessThan(1e-3); // Of sums of 32 products up to 146.
  expect(reads()).toBe(0);
  await plain.close();
});

test("small constants, inputs, and sources without a file are read", async () => {
  const bytes = new Uint8Array(new Float32Array([1, 2]).buffer);
  const small = lazyTensor({ read: async () => bytes }, { shape: [2], dtype: "float32" });
  const { source, reads } = storedNumbers("input");
  const x = lazyTensor(source, { shape: [512, 2], dtype: "float32" });
  const scale = compile((y: Tensor) => mul(add(y, 0), small), { device });
  const result = await scale(x);
  expect(Array.from(result.dataSync().slice(0, 4), Number)).toEqual(
    [0, 2 / 7, 2 / 7, 6 / 7].map(Math.fround),
  );
  expect(reads()).toBe(1);
});

test("a source that gives too few bytes is an error with numbers", async () => {
  const x = lazyTensor({ read: async () => new Uint8Array(4) }, { shape: [2], dtype: "float32" });
  await expect(x.data()).rejects.toThrow("float32[2] has 8 bytes, its source gave 4");
  await expect(evaluate(add(x, 1), device)).rejects.toThrow("its source gave 4");
});

test("elements may come out of a program, also where a program is given them", async () => {
  const double = compile((x: Tensor) => mul(x, 2), { device });
  const half = tensor([0.5, 1]);
  const read = async (): Promise<Uint8Array> => {
    const { buffer } = await (await double(half)).data();
    return new Uint8Array(buffer);
  };
  const x = lazyTensor({ read }, { shape: [2], dtype: "float32" });
  const run = compile((x: Tensor) => add(x, 1), { device });
  expect((await run(x)).dataSync()).toEqual(Float32Array.of(2, 3));
  for (const one of [double, run]) await one.release();
});
