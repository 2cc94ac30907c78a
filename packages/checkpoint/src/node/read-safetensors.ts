import type { TypedArray } from "@hawksbill/core";
import { readBytes } from "../byte-source.js";
import { makeTensors, readElements, type Safetensors } from "../decode-safetensors.js";
import { readHeader } from "../open-safetensors.js";
import { openFile } from "./file-source.js";

/**
 * Reads a checkpoint from disk, of any size: each tensor gets its own memory.
 *
 * F64 and BF16 become float32 (F64 loses digits), I16 becomes int32.
 *
 * @throws {CheckpointError} The file is not there or not readable, or as for `decodeSafetensors`.
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  const source = await openFile(path);
  try {
    const { tensors, metadata, dataStart } = await readHeader(source);
    const arrays: TypedArray[] = [];
    for (const stored of tensors) {
      const bytes = await readBytes(source, dataStart + stored.begin, dataStart + stored.end);
      arrays.push(readElements(stored, bytes, path));
    }
    return { tensors: makeTensors(tensors, arrays), metadata };
  } finally {
    await source.close?.();
  }
}
