import { join } from "node:path";
import { writePth } from "@hawksbill/checkpoint/node";
import type { Weights } from "@hawksbill/core";
import type { Dataset } from "@hawksbill/dataset";
import type { Model } from "@hawksbill/tortoise";
import { saveModel } from "@hawksbill/tortoise/node";
import { TrainingError, type TrainingState } from "@hawksbill/trainer";
import { Interrupted } from "../cli-error.js";
import { shellWord } from "../format.js";
import { provenance } from "./provenance.js";
import type { RunConfig, RunRequest, RunSettings } from "./run-config.js";
import { runFiles } from "./run-files.js";
import type { Session } from "./session.js";

export interface RunOptions {
  /** There, and ready for a run: see `claimFolder`. */
  readonly folder: string;
  /** Whole, but for a new run: what it lacks is planned. */
  readonly settings: RunRequest;
  readonly command: RunConfig["command"];
  /** What the run in the folder was started with, to go on with it. */
  readonly resume?: RunConfig;
  /** Changed settings that it is to go on with, in words; then a changed base or dataset is accepted, too. */
  readonly accepted?: readonly string[];
  /** Puts the training's state away; default into the folder. */
  readonly save?: (folder: string, state: TrainingState) => Promise<void>;
}

/** A run under way. */
export interface Job extends RunOptions {
  readonly settings: RunSettings;
  readonly model: Model;
  /** The diffusion decoder's weights, where that is trained. */
  readonly diffusion?: Weights;
  /** To hear it with. */
  readonly vocoder?: Weights;
  readonly dataset: Dataset;
  readonly session: Session;
  /** Of the checkpoint to go on from. */
  readonly state?: TrainingState;
}

/** Writes the model as it is now, to be spoken with. @param step After which it is. */
export async function saveRunModel(job: Job, step: number): Promise<void> {
  const { folder, model, diffusion, session } = job;
  const origin = await provenance(folder, step);
  if (diffusion) await writePth(join(folder, runFiles.diffusion), diffusion, origin);
  else await saveModel(join(folder, runFiles.model), model, origin);
  session.watch.lap("save");
}

export function resumeCommand(folder: string): string {
  return `npx hawksbill finetune --resume ${shellWord(folder)}`;
}

/** What to throw where a run is stopped that has saved nothing but what it is to do. */
export function stoppedEarly(folder: string): Interrupted {
  return new Interrupted(
    `Stopped before the first step; nothing was trained yet. Go on with:\n  ${resumeCommand(folder)}`,
  );
}

/** What went wrong, in words. */
export function messageOf(error: unknown): string {
  // Training wraps errors in words for programs; people have the cause, and words of ours.
  const told = error instanceof TrainingError && error.cause ? error.cause : error;
  return told instanceof Error ? told.message : String(told);
}
