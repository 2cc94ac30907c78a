import type { Tensor } from "@hawksbill/core";
import { bytesOf, layOut } from "../encode-safetensors.js";
import { writeFileAtomic } from "./write-file-atomic.js";

/**
 * Writes a checkpoint to disk; until all of it is there, the file that was there before stays.
 *
 * @param tensors By name, on the host or on a device (they are fetched one at a time).
 * @throws {CheckpointError} The disk is full, the folder missing, …; the old file is as it was.
 */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const layout = layOut(tensors, metadata, path);
  await writeFileAtomic(path, parts(layout));
}

async function* parts(layout: ReturnType<typeof layOut>): AsyncGenerator<Uint8Array> {
  yield layout.header;
  for (const tensor of layout.tensors) yield bytesOf(await tensor.data());
}
