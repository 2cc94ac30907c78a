import { join } from "node:path";
import { writeSafetensors } from "@hawksbill/checkpoint/node";
import { encodeAdapter, type SavedAdapter } from "@hawksbill/trainer";
import { provenance } from "./provenance.js";
import { runFiles } from "./run-files.js";

/** Writes an adapter by itself: a few MB, with the hash of its base. @param step After which it is. */
export async function saveAdapter(
  folder: string,
  adapter: SavedAdapter,
  step: number,
): Promise<void> {
  const { tensors, metadata } = encodeAdapter(adapter);
  await writeSafetensors(join(folder, runFiles.adapter), tensors, {
    ...metadata,
    ...(await provenance(folder, step)),
  });
}
