import { decodeSafetensors, encodeSafetensors } from "@hawksbill/checkpoint";
import { decodeTrainingState, encodeTrainingState, type TrainingState } from "@hawksbill/trainer";
import { bytesOf, type Folder } from "./folder.js";

const file = "run/checkpoint.safetensors";
/** Clips a step, of the batches that the state counts. */
const batchSizeKey = "hawksbill.batchSize";

/** Puts a state into the studio's folder; until it is there as a whole, the one before stays. */
export async function saveState(
  folder: Folder,
  state: TrainingState,
  batchSize: number,
): Promise<void> {
  const { tensors, metadata } = encodeTrainingState(state);
  const all = { ...metadata, [batchSizeKey]: `${batchSize}` };
  await folder.write(file, encodeSafetensors(tensors, all));
}

/**
 * The state to go on from; undefined if none was saved.
 *
 * @param batchSize From now on. Where it is another, the epoch begins anew: its batches are others.
 */
export async function savedState(
  folder: Folder,
  batchSize: number,
): Promise<TrainingState | undefined> {
  const saved = await folder.read(file);
  if (!saved) return undefined;
  const content = decodeSafetensors(await bytesOf(saved), file);
  const state = decodeTrainingState(content, file);
  return content.metadata[batchSizeKey] === `${batchSize}` ? state : { ...state, batch: 0 };
}
