import { mkdtemp, open, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compile, lazyTensor, matmul, openDevice, type Tensor, tensor } from "@hawksbill/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { encodePth } from "../index.js";
import { pickle } from "../pth/pickle-writer.js";
import { ZipWriter } from "../pth/zip-writer.js";
import {
  openCheckpoint,
  readSafetensors,
  writePth,
  writeSafetensors,
  writeSafetensorsShards,
} from "./index.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hawksbill-"));
});
afterEach(() => rm(folder, { recursive: true }));

const numbers = Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i));
type Write = (path: string, tensors: Record<string, Tensor>) => Promise<unknown>;

test.each<[kind: string, name: string, write: Write]>([
  ["m.pth", "model.w", (path, model) => writePth(path, { model })],
  ["m.safetensors", "w", (path, tensors) => writeSafetensors(path, tensors)],
  [
    "m.safetensors",
    "w",
    (path, tensors) => writeSafetensorsShards(path, tensors, { mostBytes: 2 ** 14 }),
  ],
])("a program maps a weight from %s and computes the same", async (file, name, write) => {
  const path = join(folder, file);
  const weight = tensor(numbers, { shape: [64, 64] });
  await write(path, { other: tensor([1]), w: weight });
  const [written = ""] = (await readdir(folder)).filter((each) => !each.includes("-of-"));
  const checkpoint = await openCheckpoint(join(folder, written));
  await checkpoint.close(); // What is mapped is not read through the checkpoint.

  const device = await openDevice("cpu", { threads: 1 });
  const x = tensor(numbers.slice(0, 64), { shape: [1, 64] });
  const times = (w: Tensor) => compile((y: Tensor) => matmul(y, w), { device })(x);
  const mapped = await times(checkpoint.tensors[name] as Tensor);
  expect(await mapped.data()).toEqual(await (await times(weight)).data());
  await device.close();
});

test("reads the legacy format from the disk", async () => {
  const path = fileURLToPath(new URL("../../fixtures/pth/", import.meta.url));
  const checkpoint = await openCheckpoint(join(path, "state_dict_legacy.pth"));
  const { tensors } = await readSafetensors(join(path, "expected.safetensors"));
  for (const [name, x] of Object.entries(tensors))
    expect(await checkpoint.tensors[name]?.data()).toEqual(x.dataSync());
  await checkpoint.close();
});

test("opens a path with spaces, a file URL and what the main entry takes", async () => {
  const path = join(folder, "a voice é.pth");
  await writeFile(path, encodePth({ step: 5 }));
  for (const source of [path, pathToFileURL(path), new Blob([await readFile(path)])]) {
    const checkpoint = await openCheckpoint(source);
    expect(checkpoint.values).toEqual({ step: 5 });
    await checkpoint.close();
  }
});

test("writes what encodePth gives, and leaves nothing else", async () => {
  const path = join(folder, "m.pth");
  const tree = { model: { w: tensor(numbers) }, step: 5 };
  await writePth(path, tree);
  expect(new Uint8Array(await readFile(path))).toEqual(encodePth(tree));
  expect(await readdir(folder)).toEqual(["m.pth"]);
});

test("writes as many shards as are needed, and their index", async () => {
  const path = join(folder, "m.safetensors");
  const tensors = { a: tensor([1, 2]), b: tensor([3]), c: tensor([4]), d: tensor([5, 6]) };
  const index = await writeSafetensorsShards(path, tensors, {
    mostBytes: 8,
    metadata: { step: "5" },
  });
  expect((await readdir(folder)).sort()).toEqual([
    "m-00001-of-00003.safetensors",
    "m-00002-of-00003.safetensors",
    "m-00003-of-00003.safetensors",
    "m.safetensors.index.json",
  ]);
  expect(JSON.parse(await readFile(index, "utf8"))).toEqual({
    metadata: { total_size: 24 },
    weight_map: {
      a: "m-00001-of-00003.safetensors",
      b: "m-00002-of-00003.safetensors",
      c: "m-00002-of-00003.safetensors",
      d: "m-00003-of-00003.safetensors",
    },
  });
  const checkpoint = await openCheckpoint(index);
  expect(checkpoint.metadata).toEqual({ step: "5" });
  expect(await checkpoint.tensors.d?.data()).toEqual(Float32Array.of(5, 6));
  await checkpoint.close();

  expect(await writeSafetensorsShards(path, tensors, { mostBytes: 100 })).toBe(path);
  await expect(writeSafetensorsShards(path, tensors, { mostBytes: 7 })).rejects.toThrow(
    `${path}: "a" has 8 bytes, over the 7 of a shard`,
  );
  await expect(writeSafetensorsShards("m.pth", tensors, { mostBytes: 7 })).rejects.toThrow(
    "m.pth: has another ending than .safetensors; shards are named by it",
  );
});

/** 410 tensors of 4 MiB, whose bytes are holes that take no room on the disk. */
async function writeSparse(path: string): Promise<void> {
  const source = { read: async () => new Uint8Array() };
  const names = Array.from({ length: 410 }, (_, i) => `gpt.h.${i}.weight`);
  const weights = names.map((name) => [
    name,
    lazyTensor(source, { shape: [1024, 1024], dtype: "float32" }),
  ]);
  const file = await open(path, "w");
  const zip = new ZipWriter();
  let position = 0;
  const append = async (bytes: Uint8Array): Promise<void> => {
    position += (await file.write(bytes, 0, bytes.length, position)).bytesWritten;
  };
  const { bytes } = pickle(Object.fromEntries(weights), path);
  await append(zip.header("m/data.pkl", bytes.length, 0));
  await append(bytes);
  for (const key of names.keys()) {
    await append(zip.header(`m/data/${key}`, 2 ** 22, 0));
    position += 2 ** 22;
  }
  await append(zip.end());
  await file.close();
}

test.runIf(process.platform === "linux")("a damaged shard leaves no file open", async () => {
  const path = join(folder, "m.safetensors");
  const tensors = { a: tensor([1]), b: tensor([2]) };
  const index = await writeSafetensorsShards(path, tensors, { mostBytes: 4 });
  await writeFile(join(folder, "m-00002-of-00002.safetensors"), "too short");

  await expect(openCheckpoint(index)).rejects.toThrow("m-00002-of-00002.safetensors");

  const open = await readdir("/proc/self/fd");
  const links = await Promise.all(
    open.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")),
  );
  expect(links.filter((link) => link.startsWith(folder))).toEqual([]);
});

test("shards are replaced as a whole: until the new index is there, the old ones stay", async () => {
  const path = join(folder, "again.safetensors");
  const index = `${path}.index.json`;
  const write = (x: number, ...more: Tensor[]): Promise<string> =>
    writeSafetensorsShards(
      path,
      { a: tensor([x]), b: tensor([x]), ...Object.fromEntries(more.entries()) },
      { mostBytes: 4 },
    );
  const sums = async (): Promise<unknown> => {
    const checkpoint = await openCheckpoint(index);
    const [a, b] = [await checkpoint.tensors.a?.data(), await checkpoint.tensors.b?.data()];
    await checkpoint.close();
    return [a?.[0], b?.[0]];
  };
  const files = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => name.startsWith("again"));
  await write(1);
  const before = await files();
  const gone = tensor([0]);
  gone.dispose();

  await expect(write(2, gone)).rejects.toThrow("disposed");
  expect(await files()).toEqual(before);
  expect(await sums()).toEqual([1, 1]);

  await write(3);
  expect(await sums()).toEqual([3, 3]);
  expect(await files()).toHaveLength(3);

  await writeSafetensorsShards(path, { a: tensor([4]) }, { mostBytes: 4 });
  expect(await files()).toEqual(["again.safetensors"]);
});

test("lists 1.7 GB of tensors within a second and 150 MB", async () => {
  const path = join(folder, "m.pth");
  await writeSparse(path);
  const before = process.memoryUsage.rss();
  const start = performance.now();
  const checkpoint = await openCheckpoint(path);
  expect(performance.now() - start).toBeLessThan(1000); // 45 ms where nothing else runs.
  expect(process.memoryUsage.rss() - before).toBeLessThan(150e6);
  expect(Object.keys(checkpoint.tensors)).toHaveLength(410);
  expect(await checkpoint.tensors["gpt.h.409.weight"]?.data()).toHaveLength(2 ** 20);
  await checkpoint.close();
});

test("says what is wrong with a path", async () => {
  const path = join(folder, "no.pth");
  await expect(openCheckpoint(path)).rejects.toThrow(
    `${path}: cannot be read: there is no such file; check the path`,
  );
  await expect(openCheckpoint(folder)).rejects.toThrow(
    `${folder}: cannot be read: it is a folder; give the path of a file`,
  );
  const index = join(folder, "m.safetensors.index.json");
  await writeFile(index, JSON.stringify({ weight_map: { a: "m-1.safetensors" } }));
  await expect(openCheckpoint(index)).rejects.toThrow(
    `${index}: needs "m-1.safetensors" beside it: ${join(folder, "m-1.safetensors")}: cannot be read: there is no such file`,
  );
});

test("a tensor that is read after closing says so", async () => {
  const path = join(folder, "m.pth");
  await writeFile(path, encodePth({ w: tensor([1]) }));
  const { tensors, close } = await openCheckpoint(path);
  await close();
  await expect(tensors.w?.data()).rejects.toThrow(
    `${path}: cannot be read: it was closed; read its tensors before close()`,
  );
});
