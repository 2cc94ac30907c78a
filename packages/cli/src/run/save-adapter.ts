import { join } from "node:path";
import { writeSafetensors } from "@hawksbill/checkpoint/node";
import { encodeAdapter, type SavedAdapter } from "@hawksbill/trainer";
import { runFiles } from "./run-files.js";

/** Writes an adapter by itself: a few MB, with the hash of its base. */
export async function saveAdapter(folder: string, adapter: SavedAdapter): Promise<void> {
  const { tensors, metadata } = encodeAdapter(adapter);
  await writeSafetensors(join(folder, runFiles.adapter), tensors, metadata);
}
