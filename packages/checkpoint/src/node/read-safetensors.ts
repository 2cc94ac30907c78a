/// <reference types="node" />
import { type FileHandle, open } from "node:fs/promises";
import type { TypedArray } from "@hawksbill/core";
import { CheckpointError } from "../checkpoint-error.js";
import { makeTensors, readElements, type Safetensors } from "../decode-safetensors.js";
import { headerLength, lengthBytes, parseHeader } from "../safetensors-header.js";
import { inWords } from "./file-problem.js";

/**
 * Reads a checkpoint from disk, of any size: each tensor gets its own memory.
 *
 * F64 and BF16 become float32 (F64 loses digits), I16 becomes int32.
 *
 * @throws {CheckpointError} The file is not there or not readable, or as for `decodeSafetensors`.
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  try {
    const file = await open(path);
    try {
      return await read(file, path);
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof CheckpointError) throw cause;
    throw new CheckpointError(path, `cannot be read: ${inWords(cause)}`, { cause });
  }
}

async function read(file: FileHandle, path: string): Promise<Safetensors> {
  const { size } = await file.stat();
  const start = await readBytes(file, 0, Math.min(lengthBytes, size), path);
  const dataStart = lengthBytes + headerLength(start, size, path);
  const json = await readBytes(file, lengthBytes, dataStart - lengthBytes, path);
  const header = parseHeader(json, size - dataStart, path);
  const arrays: TypedArray[] = [];
  for (const stored of header.tensors) {
    const bytes = await readBytes(file, dataStart + stored.begin, stored.end - stored.begin, path);
    arrays.push(readElements(stored, bytes, path));
  }
  return { tensors: makeTensors(header.tensors, arrays), metadata: header.metadata };
}

/** Node reads at most 2^31 - 1 bytes at once. */
const longestRead = 2 ** 30;

async function readBytes(
  file: FileHandle,
  position: number,
  length: number,
  path: string,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const part = Math.min(length - done, longestRead);
    const { bytesRead } = await file.read(bytes, done, part, position + done);
    if (bytesRead === 0)
      throw new CheckpointError(path, "became shorter while it was read; read it again");
    done += bytesRead;
  }
  return bytes;
}
