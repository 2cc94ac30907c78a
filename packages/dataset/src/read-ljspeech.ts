import type { Files } from "./files.js";
import type { ClipList } from "./find-clips.js";
import { readClips } from "./read-clips.js";

/**
 * Reads the list of a dataset in the LJSpeech layout: `metadata.csv` has a line `id|text` or
 * `id|text|normalised text` for each clip `wavs/id.wav`. The normalised text is taken where there is one.
 *
 * Paths may be given instead of ids (`wavs/a.wav|text`), other formats than WAV too. Blank lines are skipped.
 *
 * @returns The clips in the order of their lines, and what stands in the way of all others.
 * @throws {DatasetError} There is no metadata.csv, it is empty, or it is not UTF-8 at all.
 */
export function readLJSpeech(files: Files): Promise<ClipList> {
  return readClips(files, { list: "metadata.csv", format: "lj" });
}
