import type { Tensor } from "@hawksbill/core";
import { type ByteSource, readBytes } from "./byte-source.js";
import type { Checkpoint } from "./checkpoint.js";
import { CheckpointError, quoted } from "./checkpoint-error.js";
import { isDeeper } from "./json-depth.js";
import { openSafetensors } from "./open-safetensors.js";
import type { StoredDType } from "./stored-dtypes.js";

// An index has a line of about 100 bytes for each tensor.
const longestIndexBytes = 8_000_000;
const mostShards = 1000;
const mostTensors = 100_000;

/**
 * What the safetensors files of one checkpoint hold together, as their index (`model.safetensors.index.json`) says.
 *
 * @throws {CheckpointError} A file is missing, outside of the index's folder, damaged, or without its tensors.
 * @see https://huggingface.co/docs/huggingface_hub/package_reference/serialization
 */
export async function openShards(source: ByteSource): Promise<Checkpoint> {
  const places = await readIndex(source);
  const shards = new Map<string, Checkpoint>();
  const close = async (): Promise<void> => {
    for (const shard of shards.values()) await shard.close();
    await source.close?.();
  };
  try {
    for (const file of new Set(places.values())) {
      const opened = await openSibling(source, file);
      try {
        shards.set(file, await openSafetensors(opened));
      } catch (error) {
        await opened.close?.();
        throw error;
      }
    }
    const tensors = new Map<string, Tensor>();
    const storedDTypes = new Map<string, StoredDType>();
    for (const [tensor, file] of places) {
      const shard = shards.get(file);
      const [found, dtype] = [shard?.tensors[tensor], shard?.storedDTypes[tensor]];
      if (!shard || !Object.hasOwn(shard.tensors, tensor) || !found || !dtype)
        throw new CheckpointError(
          source.name,
          `is not in ${quoted(file)}, where the index has it`,
          {
            tensor,
          },
        );
      tensors.set(tensor, found);
      storedDTypes.set(tensor, dtype);
    }
    return {
      name: source.name,
      format: "sharded-safetensors",
      tensors: Object.fromEntries(tensors),
      storedDTypes: Object.fromEntries(storedDTypes),
      metadata: Object.assign({}, ...[...shards.values()].map(({ metadata }) => metadata)),
      values: {},
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const noIndex =
  'is JSON, but no index with a "weight_map"; give the .safetensors file, or its model.safetensors.index.json';

/** Which file has which tensor. */
async function readIndex(source: ByteSource): Promise<Map<string, string>> {
  const { name, size } = source;
  if (size > longestIndexBytes)
    throw new CheckpointError(
      name,
      `is an index of ${size} bytes, over the limit of ${longestIndexBytes}; no checkpoint needs one`,
    );
  const json = parse(await readBytes(source, 0, size), name);
  const map = isRecord(json) && Object.hasOwn(json, "weight_map") ? json.weight_map : undefined;
  if (!isRecord(map)) throw new CheckpointError(name, noIndex);
  const count = Object.keys(map).length;
  if (count > mostTensors)
    throw new CheckpointError(
      name,
      `names ${count} tensors, over the limit of ${mostTensors}; no checkpoint has so many`,
    );
  const places = new Map<string, string>();
  for (const [tensor, file] of Object.entries(map)) {
    if (typeof file !== "string" || !isInFolder(file))
      throw new CheckpointError(
        name,
        `is said to be in ${quoted(String(file))}, which is no file of the same folder; do not trust this index`,
        { tensor },
      );
    places.set(tensor, file);
  }
  const files = new Set(places.values()).size;
  if (files > mostShards)
    throw new CheckpointError(
      name,
      `names ${files} files, over the limit of ${mostShards}; no checkpoint has so many`,
    );
  return places;
}

function parse(bytes: Uint8Array, file: string): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!isDeeper(text, "{{")) return JSON.parse(text);
  } catch (cause) {
    throw new CheckpointError(file, "is not JSON, so it is no index of shards either", { cause });
  }
  throw new CheckpointError(file, noIndex);
}

/** A plain name: no folder, drive, stream or device of any system. */
function isInFolder(file: string): boolean {
  return /^[\w-][\w .()+-]*\.safetensors$/.test(file) && file.length <= 255;
}

async function openSibling(source: ByteSource, file: string): Promise<ByteSource> {
  if (!source.sibling)
    throw new CheckpointError(
      source.name,
      `is the index of several files; say where ${quoted(file)} is with the option "sibling"`,
    );
  try {
    return await source.sibling(file);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CheckpointError(source.name, `needs ${quoted(file)} beside it: ${why}`, { cause });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
