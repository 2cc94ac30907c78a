import { basename, dirname, join } from "node:path";
import type { Tensor, Weights } from "@hawksbill/core";
import { CheckpointError } from "../checkpoint-error.js";
import { storedDTypes, writtenAs } from "../stored-dtypes.js";
import { writeFileAtomic } from "./write-file-atomic.js";
import { writeSafetensors } from "./write-safetensors.js";

/**
 * Writes a checkpoint in several files, none with more than `mostBytes` of tensors, and their index last.
 *
 * @param path As for one file, e.g. `model.safetensors`; the others are named after it, as Hugging Face does:
 *   `model-00001-of-00003.safetensors`, …, `model.safetensors.index.json`.
 * @returns What to open: the index, or `path` itself where all of it fits.
 * @throws {CheckpointError} The path does not end in .safetensors, a tensor alone is larger, or as for `writeSafetensors`.
 */
export async function writeSafetensorsShards(
  path: string,
  tensors: Weights,
  options: { readonly mostBytes: number; readonly metadata?: Readonly<Record<string, string>> },
): Promise<string> {
  const { mostBytes, metadata = {} } = options;
  const extension = ".safetensors";
  if (!path.endsWith(extension))
    throw new CheckpointError(path, `has another ending than ${extension}; shards are named by it`);
  const shards = divide(tensors, mostBytes, path);
  if (shards.length <= 1) {
    await writeSafetensors(path, tensors, metadata);
    return path;
  }
  const base = basename(path, extension);
  const digits = (n: number): string => String(n).padStart(5, "0");
  const files: [tensor: string, file: string][] = [];
  for (const [i, shard] of shards.entries()) {
    const file = `${base}-${digits(i + 1)}-of-${digits(shards.length)}${extension}`;
    await writeSafetensors(join(dirname(path), file), Object.fromEntries(shard), metadata);
    for (const [name] of shard) files.push([name, file]);
  }
  const total = Object.values(tensors).reduce((sum, tensor) => sum + storedBytes(tensor), 0);
  const index = { metadata: { total_size: total }, weight_map: Object.fromEntries(files) };
  const text = `${JSON.stringify(index, null, 2)}\n`;
  await writeFileAtomic(`${path}.index.json`, new TextEncoder().encode(text));
  return `${path}.index.json`;
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
