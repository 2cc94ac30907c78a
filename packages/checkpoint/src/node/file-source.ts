/// <reference types="node" />
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { ByteSource } from "../byte-source.js";
import { CheckpointError } from "../checkpoint-error.js";
import { inWords } from "./file-problem.js";

/** Node reads at most 2^31 - 1 bytes at once. */
const longestRead = 2 ** 30;

/**
 * A file on the disk; close it.
 *
 * @throws {CheckpointError} It is not there, or cannot be read.
 */
export async function openFile(path: string): Promise<ByteSource> {
  const { file, size } = await openSized(path);
  return {
    name: path,
    size,
    path: resolve(path),
    read: (begin, end) => inFile(path, () => readFrom(file, begin, end)),
    sibling: (name) => openFile(join(dirname(path), name)),
    close: () => file.close(),
  };
}

async function openSized(path: string): Promise<{ file: FileHandle; size: number }> {
  return inFile(path, async () => {
    const file = await open(path);
    const stats = await file.stat();
    if (stats.isFile()) return { file, size: stats.size };
    await file.close();
    throw Object.assign(new Error("EISDIR: not a file"), { code: "EISDIR", syscall: "read" });
  });
}

/** Fewer bytes than asked for where the file has become shorter. */
async function readFrom(file: FileHandle, begin: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - begin);
  for (let done = 0; done < bytes.length; ) {
    const part = Math.min(bytes.length - done, longestRead);
    const { bytesRead } = await file.read(bytes, done, part, begin + done);
    if (bytesRead === 0) return bytes.subarray(0, done);
    done += bytesRead;
  }
  return bytes;
}

async function inFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const why = inWords(cause, { EBADF: "it was closed; read its tensors before close()" });
    throw new CheckpointError(path, `cannot be read: ${why}`, { cause });
  }
}
