import { join } from "node:path";
import { writeSafetensors } from "@hawksbill/checkpoint/node";
import { encodeTrainingState, type TrainingState } from "@hawksbill/trainer";
import { isDiskFull } from "../file-problem.js";
import { runFiles } from "./run-files.js";

/** Writes the training's state; until it is there as a whole, the checkpoint before it stays. */
export async function saveCheckpoint(folder: string, state: TrainingState): Promise<void> {
  const { tensors, metadata } = encodeTrainingState(state);
  await writeSafetensors(join(folder, runFiles.checkpoint), tensors, metadata);
}

/** Seconds between attempts on a full disk, and attempts. Training saves twice before it fails: five minutes to make room. */
const patience = { seconds: 5, attempts: 30 };

/**
 * Saves what would else be lost: while the disk is full, tries again.
 *
 * @param onWait Told before each pause.
 * @throws What the last attempt threw.
 */
export async function saveWithPatience(
  save: () => Promise<void>,
  onWait: (error: unknown, attempt: number) => void,
  { seconds, attempts } = patience,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await save();
    } catch (error) {
      if (!isDiskFull(error) || attempt === attempts) throw error;
      onWait(error, attempt);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }
}
