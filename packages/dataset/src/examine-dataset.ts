import { doubtsAboutClips } from "./doubts/about-clips.js";
import { doubtsAboutPairs } from "./doubts/about-pairs.js";
import { doubtsAboutWhole } from "./doubts/about-whole.js";
import type { FaultName } from "./faults.js";
import type { Files } from "./files.js";
import { measureSound, type SoundMeasures } from "./measure-sound.js";
import { type CheckedClip, soundReader } from "./open-dataset.js";
import type { Clip } from "./prepare-dataset.js";
import type { Problem } from "./problem.js";
import { type PrepareOptions, readSounds } from "./read-sounds.js";
import { soundHash } from "./sound-hash.js";

/** A clip that can be used, and what was measured of it. */
export interface ExaminedClip extends CheckedClip {
  readonly measures: SoundMeasures;
  /** Characters of the cleaned text, without spaces. */
  readonly characterCount: number;
}

/** What a dataset is like. */
export interface Examination {
  readonly name: string;
  /** Those that can be used, in the order of the list. */
  readonly clips: readonly ExaminedClip[];
  /** Everything that would be left out, and why. */
  readonly leftOut: readonly Problem[];
  /** Clips that would be used but deserve a look, and what is doubtful about the whole. */
  readonly doubts: readonly Problem[];
  /** Reads a clip's sound; see `OpenDataset`. */
  read(clip: ExaminedClip): Promise<Clip>;
}

/**
 * Reads a dataset once and looks for all that can be wrong with it. What `prepareDataset` would leave
 * out is in `leftOut`; nothing but the list is needed for it to return.
 *
 * @throws {DatasetError} There is no list of clips.
 * @throws The signal's reason, when it is aborted.
 */
export async function examineDataset(files: Files, options: PrepareOptions): Promise<Examination> {
  const clips: ExaminedClip[] = [];
  const problems = await readSounds(files, options, async (entry, sound) => {
    const { tokens, samples, seconds } = sound;
    clips.push({
      ...entry,
      tokens,
      seconds,
      sampleCount: samples.length,
      hash: await soundHash(samples),
      measures: measureSound(sound),
      characterCount: options.tokenizer.clean(entry.text).replace(/\s/g, "").length,
    });
  });
  const read = soundReader(files, options);
  const isNote = ({ fault }: { fault: FaultName }): boolean => fault === "unlisted-files";
  return {
    name: files.name,
    clips,
    leftOut: problems.filter((problem) => !isNote(problem)),
    doubts: [
      ...doubtsAboutClips(clips),
      ...doubtsAboutPairs(clips),
      ...doubtsAboutWhole(clips),
      ...problems.filter(isNote),
    ],
    read: async ({ measures: _, characterCount: __, ...clip }) => read(clip),
  };
}
