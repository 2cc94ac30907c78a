import { arMel, type Mel } from "@hawksbill/audio";
import type { ClipEntry } from "./clip-entry.js";
import { DatasetError } from "./dataset-error.js";
import type { Files } from "./files.js";
import { type Problem, problemText } from "./problem.js";
import { type ClipSound, type PrepareOptions, readSounds } from "./read-sounds.js";

/** A clip ready to learn from. */
export interface Clip extends ClipEntry, Omit<ClipSound, "decoded"> {
  /** What the dVAE and the conditioning encoder read. */
  readonly mel: Mel; // [bands=80, frames = 1 + samples / 256]
}

/** A dataset in memory. */
export interface Dataset {
  /** In the order of the list. */
  readonly clips: readonly Clip[];
  /** Everything that gave no clip, and why. */
  readonly leftOut: readonly Problem[];
}

/**
 * Reads a dataset in any format of `readClips` and makes every clip ready to learn from. No clip is
 * dropped in silence: `leftOut` has each one that cannot be used, with the reason and what to do.
 *
 * @throws {DatasetError} There is no list of clips, or none of them can be used.
 * @throws The signal's reason, when it is aborted.
 */
export async function prepareDataset(files: Files, options: PrepareOptions): Promise<Dataset> {
  const clips: Clip[] = [];
  const leftOut = await readSounds(files, options, (entry, sound) => {
    clips.push(readyClip(entry, sound));
  });
  requireClips(files.name, clips, leftOut);
  return { clips, leftOut };
}

/** A clip with its mel. */
export function readyClip(entry: ClipEntry, { tokens, samples, seconds }: ClipSound): Clip {
  return { ...entry, tokens, samples, mel: arMel(samples), seconds };
}

/** @throws {DatasetError} There are no clips; it says why. */
export function requireClips(
  folder: string,
  clips: readonly unknown[],
  problems: readonly Problem[],
): void {
  if (clips.length > 0) return;
  const shown = problems.slice(0, 10).map((problem) => `\n  ${problemText(problem)}`);
  const more =
    problems.length > shown.length ? `\n  … and ${problems.length - shown.length} more` : "";
  throw new DatasetError(`${folder}: no clip can be used:${shown.join("")}${more}`, { problems });
}
