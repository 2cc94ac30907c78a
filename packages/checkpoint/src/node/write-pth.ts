import { crc32 } from "node:zlib";
import type { Tree } from "@hawksbill/core";
import { pthParts } from "../pth/encode-pth.js";
import { writeFileAtomic } from "./write-file-atomic.js";

/**
 * Writes a .pth file to disk, as `encodePth` makes it; until all of it is there, the file that was there before stays.
 *
 * @param tree Its tensors are fetched one at a time, from a device or a file.
 * @param metadata As for `encodePth`.
 * @throws {CheckpointError} The disk is full, the folder missing, …; the old file is as it was.
 */
export async function writePth(
  path: string,
  tree: Tree,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeFileAtomic(path, pthParts(tree, metadata, path, crc32));
}
