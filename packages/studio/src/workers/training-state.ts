import { decodeSafetensors, encodeSafetensors } from "@hawksbill/checkpoint";
import { decodeTrainingState, encodeTrainingState, type TrainingState } from "@hawksbill/trainer";
import { bytesOf, type Folder } from "./folder.js";

const file = "run/checkpoint.safetensors";

/** Puts a state into the studio's folder; until it is there as a whole, the one before stays. */
export async function saveState(folder: Folder, state: TrainingState): Promise<void> {
  const { tensors, metadata } = encodeTrainingState(state);
  await folder.write(file, encodeSafetensors(tensors, metadata));
}

/** The state to go on from; undefined if none was saved. */
export async function savedState(folder: Folder): Promise<TrainingState | undefined> {
  const saved = await folder.read(file);
  return saved && decodeTrainingState(decodeSafetensors(await bytesOf(saved), file));
}
