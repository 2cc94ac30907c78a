import { type ByteSource, readBytes } from "./byte-source.js";
import type { Checkpoint } from "./checkpoint.js";
import { lazyTensors } from "./lazy-tensors.js";
import {
  headerLength,
  lengthBytes,
  parseHeader,
  type SafetensorsHeader,
} from "./safetensors-header.js";

/**
 * What a safetensors file holds, from its header.
 *
 * @throws {CheckpointError} As for `decodeSafetensors`.
 */
export async function openSafetensors(source: ByteSource): Promise<Checkpoint> {
  const { name, path } = source;
  const { tensors, metadata, dataStart } = await readHeader(source);
  const stored = tensors.map((tensor) => {
    const [begin, end] = [dataStart + tensor.begin, dataStart + tensor.end];
    return {
      ...tensor,
      read: () => readBytes(source, begin, end),
      ...(path !== undefined && { place: { path, offset: begin } }),
    };
  });
  return {
    name,
    format: "safetensors",
    ...lazyTensors(stored, name),
    metadata,
    values: {},
    close: async () => source.close?.(),
  };
}

/** A file's header, and where the data begins that it describes. */
export async function readHeader(
  source: ByteSource,
): Promise<SafetensorsHeader & { readonly dataStart: number }> {
  const { name, size } = source;
  const start = await readBytes(source, 0, Math.min(lengthBytes, size));
  const dataStart = lengthBytes + headerLength(start, size, name);
  const json = await readBytes(source, lengthBytes, dataStart);
  return { ...parseHeader(json, size - dataStart, name), dataStart };
}
