import { join } from "node:path";
import { writeSafetensors } from "@hawksbill/checkpoint/node";
import { encodeTrainingState, type TrainingState } from "@hawksbill/trainer";
import { isDiskFull } from "../file-problem.js";
import { provenance } from "./provenance.js";
import { runFiles } from "./run-files.js";

/** Writes the training's state; until it is there as a whole, the checkpoint before it stays. */
export async function saveCheckpoint(folder: string, state: TrainingState): Promise<void> {
  const { tensors, metadata } = encodeTrainingState(state);
  await writeSafetensors(join(folder, runFiles.checkpoint), tensors, {
    ...metadata,
    ...(await provenance(folder, state.step)),
  });
}

/** How long a run waits for room on a full disk, in all. */
export interface Patience {
  /** Between attempts to save. */
  readonly seconds: number;
  attemptsLeft: number;
}

/** Five minutes to make room. */
export function newPatience(): Patience {
  return { seconds: 5, attemptsLeft: 60 };
}

/**
 * Saves what would else be lost: while the disk is full and there is patience, tries again.
 *
 * @param onWait Told before each pause.
 * @throws What the last attempt threw.
 */
export async function saveWithPatience(
  save: () => Promise<void>,
  patience: Patience,
  onWait: (error: unknown) => void,
): Promise<void> {
  for (;;) {
    try {
      return await save();
    } catch (error) {
      if (!isDiskFull(error) || patience.attemptsLeft <= 0) throw error;
      onWait(error);
      patience.attemptsLeft--;
      await new Promise((resolve) => setTimeout(resolve, patience.seconds * 1000));
    }
  }
}
