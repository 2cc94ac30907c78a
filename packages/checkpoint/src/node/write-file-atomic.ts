/// <reference types="node" />
import { randomUUID } from "node:crypto";
import { open, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { CheckpointError } from "../checkpoint-error.js";
import { inWords, isFileProblem } from "./file-problem.js";

/**
 * Writes a file so that at every moment, even through a power cut, `path` is the old file or the new one.
 *
 * The content goes into a new file in the same folder, which takes the old one's place when it is on the disk. Of a link,
 * it is the file it leads to; into a device or a pipe, which must stay what they are, it is written as it comes.
 *
 * @param content The bytes, at once or in parts.
 * @throws {CheckpointError} It cannot be written; the old file is as it was, and nothing is left behind.
 */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  const file = await realpath(path).catch(() => path);
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    if (await isDeviceOrPipe(path)) return await writeFile(path, content);
    await writeToDisk(partial, content);
    await rename(partial, file);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => {}); // Its own problem is the same one again.
    if (!isFileProblem(cause)) throw cause;
    const why = inWords(cause, { ENOENT: "its folder does not exist; make it first" });
    const problem = `cannot be written: ${why} (the old file, if any, is intact)`;
    throw new CheckpointError(path, problem, { cause });
  }
  await syncFolder(dirname(file));
}

async function isDeviceOrPipe(path: string): Promise<boolean> {
  const there = await stat(path).catch(() => undefined);
  return there !== undefined && !there.isFile() && !there.isDirectory();
}

async function writeToDisk(
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  const file = await open(path, "wx");
  try {
    await writeFile(file, content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Puts the new name on the disk as well; Windows cannot, and some network disks refuse. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path);
    await folder.sync().finally(() => folder.close());
  } catch {
    // The file itself is complete and in place.
  }
}
