import { AR_MEL, AudioError, arMel, type Mel } from "@hawksbill/audio";
import type { Tokenizer } from "@hawksbill/text";
import { clipSamples } from "./clip-samples.js";
import { clipTokens } from "./clip-tokens.js";
import { DatasetError } from "./dataset-error.js";
import type { Files } from "./files.js";
import { type Problem, problemText } from "./problem.js";
import { type ClipEntry, readLJSpeech } from "./read-ljspeech.js";
import { Unusable, withoutStop } from "./unusable.js";

/** A clip ready to learn from. */
export interface Clip extends ClipEntry {
  /** Of the cleaned text, without start and stop. */
  readonly tokens: Int32Array; // [tokens]
  /** Mono at 22,050 Hz. */
  readonly samples: Float32Array; // [samples]
  /** What the dVAE and the conditioning encoder read. */
  readonly mel: Mel; // [bands=80, frames = 1 + samples / 256]
  readonly seconds: number;
}

/** A dataset in memory. */
export interface Dataset {
  /** In the order of metadata.csv. */
  readonly clips: readonly Clip[];
  /** Everything that gave no clip, and why. */
  readonly leftOut: readonly Problem[];
}

/** How far the preparation has come. */
export interface PrepareProgress {
  readonly done: number;
  readonly total: number;
}

/** What a clip must be like; the defaults are those of TorToiSe's training. */
export interface PrepareOptions {
  /** Its cleaners prepare the text. */
  readonly tokenizer: Pick<Tokenizer, "clean" | "encode">;
  /** Shorter clips teach nothing. Default 0.6. */
  readonly minimumSeconds?: number;
  /** One code of the released dVAE is 1024 samples, so 250 codes are 11.61 seconds. Default 11.61. */
  readonly maximumSeconds?: number;
  /** Default 200. */
  readonly maximumTextTokens?: number;
  readonly onProgress?: (progress: PrepareProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Reads a dataset in the LJSpeech layout and makes every clip ready to learn from. No clip is dropped
 * in silence: `leftOut` has each one that cannot be used, with the reason and what to do.
 *
 * @throws {DatasetError} There is no list of clips, or none of them can be used.
 * @throws The signal's reason, when it is aborted.
 */
export async function prepareDataset(files: Files, options: PrepareOptions): Promise<Dataset> {
  const { clips: entries, problems } = await readLJSpeech(files);
  const clips: Clip[] = [];
  const leftOut = [...problems];
  for (const [done, entry] of entries.entries()) {
    options.signal?.throwIfAborted();
    options.onProgress?.({ done, total: entries.length });
    try {
      clips.push(await prepareClip(files, entry, options));
    } catch (error) {
      leftOut.push(problemWith(entry, error));
    }
  }
  options.onProgress?.({ done: entries.length, total: entries.length });
  leftOut.sort((a, b) => (a.line || Number.MAX_VALUE) - (b.line || Number.MAX_VALUE)); // Unnamed files last.
  if (clips.length === 0) throw noClips(files.name, leftOut);
  return { clips, leftOut };
}

async function prepareClip(
  files: Files,
  entry: ClipEntry,
  {
    tokenizer,
    minimumSeconds = 0.6,
    maximumSeconds = 11.61,
    maximumTextTokens = 200,
  }: PrepareOptions,
): Promise<Clip> {
  const tokens = clipTokens(entry.text, tokenizer, maximumTextTokens);
  const samples = await clipSamples(files, entry.path, { minimumSeconds, maximumSeconds });
  const seconds = samples.length / AR_MEL.sampleRateHz;
  return { ...entry, tokens, samples, mel: arMel(samples), seconds };
}

/** Why a clip cannot be used, from what its preparation threw; mistakes of programs are thrown on. */
function problemWith({ id, path, line }: ClipEntry, error: unknown): Problem {
  if (error instanceof Unusable)
    return { id, path, line, reason: error.message, advice: error.advice };
  if (!(error instanceof AudioError)) throw error;
  const reason = `cannot be read: ${withoutStop(error.message)}`;
  return { id, path, line, reason, advice: "replace the file, or take the line out" };
}

function noClips(folder: string, problems: readonly Problem[]): DatasetError {
  const shown = problems.slice(0, 10).map((problem) => `\n  ${problemText(problem)}`);
  const more =
    problems.length > shown.length ? `\n  … and ${problems.length - shown.length} more` : "";
  return new DatasetError(`${folder}: no clip can be used:${shown.join("")}${more}`, { problems });
}
