import { type ByteSource, readBytes } from "./byte-source.js";
import type { Checkpoint } from "./checkpoint.js";
import { lazyTensors } from "./lazy-tensors.js";
import { headerLength, lengthBytes, parseHeader } from "./safetensors-header.js";

/**
 * What a safetensors file holds, from its header.
 *
 * @throws {CheckpointError} As for `decodeSafetensors`.
 */
export async function openSafetensors(source: ByteSource): Promise<Checkpoint> {
  const { name, size, path } = source;
  const start = await readBytes(source, 0, Math.min(lengthBytes, size));
  const dataStart = lengthBytes + headerLength(start, size, name);
  const json = await readBytes(source, lengthBytes, dataStart);
  const header = parseHeader(json, size - dataStart, name);
  const stored = header.tensors.map((tensor) => {
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
    metadata: header.metadata,
    values: {},
    close: async () => source.close?.(),
  };
}
