/// <reference types="node" />
import { randomUUID } from "node:crypto";
import { readFile, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Tensor, Weights } from "@hawksbill/core";
import { CheckpointError } from "../checkpoint-error.js";
import { storedDTypes, writtenAs } from "../stored-dtypes.js";
import { writeFileAtomic } from "./write-file-atomic.js";
import { writeSafetensors } from "./write-safetensors.js";

const extension = ".safetensors";

/**
 * Writes a checkpoint in several files, none with more than `mostBytes` of tensors, and their index last.
 *
 * At every moment, even through a power cut, there is the old checkpoint or the new one: shards never take the place of
 * older ones, which go when the new index is there. A single file at `path` stays.
 *
 * @param path As for one file, e.g. `model.safetensors`; the others are named after it, as Hugging Face does:
 *   `model-00001-of-00003.safetensors`, …, `model.safetensors.index.json`. Where there are shards of these names, the new
 *   ones are called otherwise, e.g. `model-5f0c1d2e-00001-of-00003.safetensors`.
 * @returns What to open: the index, or `path` itself where all of it fits.
 * @throws {CheckpointError} The path does not end in .safetensors, a tensor alone is larger, or as for `writeSafetensors`.
 */
export async function writeSafetensorsShards(
  path: string,
  tensors: Weights,
  options: { readonly mostBytes: number; readonly metadata?: Readonly<Record<string, string>> },
): Promise<string> {
  const { mostBytes, metadata = {} } = options;
  if (!path.endsWith(extension))
    throw new CheckpointError(path, `has another ending than ${extension}; shards are named by it`);
  const shards = divide(tensors, mostBytes, path);
  const index = `${path}.index.json`;
  const old = await shardsOf(path);
  if (shards.length <= 1) {
    await writeSafetensors(path, tensors, metadata);
    await remove([index, ...old]);
    return path;
  }
  const files = await freshNames(path, shards.length);
  const places: [tensor: string, file: string][] = [];
  try {
    for (const [i, shard] of shards.entries()) {
      const file = files[i] as string;
      await writeSafetensors(file, Object.fromEntries(shard), metadata);
      for (const [name] of shard) places.push([name, basename(file)]);
    }
    const total = Object.values(tensors).reduce((sum, tensor) => sum + storedBytes(tensor), 0);
    const content = { metadata: { total_size: total }, weight_map: Object.fromEntries(places) };
    const text = `${JSON.stringify(content, null, 2)}\n`;
    await writeFileAtomic(index, new TextEncoder().encode(text));
  } catch (error) {
    await remove(files);
    throw error;
  }
  await remove(old);
  return index;
}

/** Paths of shards that are not there yet. */
async function freshNames(path: string, count: number): Promise<string[]> {
  const base = basename(path, extension);
  const digits = (n: number): string => String(n).padStart(5, "0");
  const named = (base: string): string[] =>
    Array.from({ length: count }, (_, i) =>
      join(dirname(path), `${base}-${digits(i + 1)}-of-${digits(count)}${extension}`),
    );
  const there = await Promise.all(named(base).map((file) => stat(file).catch(() => undefined)));
  return there.some(Boolean) ? named(`${base}-${randomUUID().slice(0, 8)}`) : named(base);
}

/** Paths of the shards that the index of now names, as far as they were written here. */
async function shardsOf(path: string): Promise<string[]> {
  const text = await readFile(`${path}.index.json`, "utf8").catch(() => "{}");
  const base = `${basename(path, extension)}-`;
  try {
    const files = new Set(Object.values(Object(JSON.parse(text)).weight_map ?? {}));
    return [...files].flatMap((file) =>
      String(file).startsWith(base) &&
      /^([0-9a-f]{8}-)?\d{5}-of-\d{5}\.safetensors$/.test(String(file).slice(base.length))
        ? [join(dirname(path), String(file))]
        : [],
    );
  } catch {
    return []; // It is no index: nothing is known to belong to it.
  }
}

/** Takes files away that are of no use any more; one that cannot be removed does no harm. */
async function remove(files: readonly string[]): Promise<void> {
  await Promise.all(files.map((file) => rm(file).catch(() => undefined)));
}

/** In their order; a new shard begins where the next tensor does not fit. */
function divide(tensors: Weights, mostBytes: number, file: string): [string, Tensor][][] {
  const shards: [string, Tensor][][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const [name, tensor] of Object.entries(tensors)) {
    const bytes = storedBytes(tensor);
    if (bytes > mostBytes)
      throw new CheckpointError(file, `has ${bytes} bytes, over the ${mostBytes} of a shard`, {
        tensor: name,
      });
    if (used + bytes > mostBytes) {
      shards.push([]);
      used = 0;
    }
    shards.at(-1)?.push([name, tensor]);
    used += bytes;
  }
  return shards;
}

function storedBytes({ dtype, size }: Tensor): number {
  return size * storedDTypes[writtenAs[dtype]].bytesPerElement;
}
