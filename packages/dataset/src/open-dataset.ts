import type { ClipEntry } from "./clip-entry.js";
import { DatasetError } from "./dataset-error.js";
import type { Files } from "./files.js";
import { type Clip, readyClip, requireClips } from "./prepare-dataset.js";
import type { Problem } from "./problem.js";
import { clipReader, type PrepareOptions, readSounds } from "./read-sounds.js";
import { soundHash } from "./sound-hash.js";

/** A clip that can be used, without its sound. */
export interface CheckedClip extends ClipEntry {
  readonly tokens: Int32Array; // [tokens]
  /** At 22,050 Hz. */
  readonly sampleCount: number;
  readonly seconds: number;
  /** Of the samples; see `soundHash`. */
  readonly hash: string;
}

/** A dataset that stays on the disk: a clip takes a kilobyte, not a hundred a second. */
export interface OpenDataset {
  /** In the order of the list. */
  readonly clips: readonly CheckedClip[];
  /** Everything that gave no clip, and why. */
  readonly leftOut: readonly Problem[];
  /**
   * Reads a clip's sound.
   *
   * @throws {DatasetError} It is not what it was when the dataset was opened.
   */
  read(clip: CheckedClip): Promise<Clip>;
}

/**
 * Reads and checks every clip as `prepareDataset`, but keeps none of the sounds: for datasets that
 * are larger than the memory.
 *
 * @throws {DatasetError} There is no list of clips, or none of them can be used.
 * @throws The signal's reason, when it is aborted.
 */
export async function openDataset(files: Files, options: PrepareOptions): Promise<OpenDataset> {
  const clips: CheckedClip[] = [];
  const leftOut = await readSounds(files, options, async (entry, { tokens, samples, seconds }) => {
    const hash = await soundHash(samples);
    clips.push({ ...entry, tokens, sampleCount: samples.length, seconds, hash });
  });
  requireClips(files.name, clips, leftOut);
  return { clips, leftOut, read: soundReader(files, options) };
}

/** @returns A function that reads a clip again, as `OpenDataset.read`. */
export function soundReader(
  files: Files,
  options: PrepareOptions,
): (clip: CheckedClip) => Promise<Clip> {
  const read = clipReader(files, options);
  return async ({ tokens: _, sampleCount, seconds, hash, ...entry }) => {
    const changed = (cause?: unknown) =>
      new DatasetError(
        `${files.name}: ${entry.path} has changed since the dataset was opened; open it again`,
        { cause },
      );
    const sound = await read(entry).catch((cause: unknown) => {
      throw changed(cause);
    });
    if ((await soundHash(sound.samples)) !== hash) throw changed();
    return readyClip(entry, sound);
  };
}
