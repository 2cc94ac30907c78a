import {
  AR_MEL,
  AudioError,
  type DecodedAudio,
  resample,
  type TrimOptions,
  trimSilence,
} from "@hawksbill/audio";
import type { Tokenizer } from "@hawksbill/text";
import type { ClipEntry } from "./clip-entry.js";
import { clipTokens } from "./clip-tokens.js";
import { clipDecoder } from "./decode-clip.js";
import type { Files } from "./files.js";
import { mixDown } from "./mix-down.js";
import type { Problem } from "./problem.js";
import { type ListOptions, readClips } from "./read-clips.js";
import { Unusable, withoutStop } from "./unusable.js";

/** How far the preparation has come. */
export interface PrepareProgress {
  readonly done: number;
  readonly total: number;
}

/** What a clip must be like; the defaults are those of TorToiSe's training. */
export interface PrepareOptions extends ListOptions {
  /** Its cleaners prepare the text. */
  readonly tokenizer: Pick<Tokenizer, "clean" | "encode">;
  /** Shorter clips teach nothing. Default 0.6. */
  readonly minimumSeconds?: number;
  /** One code of the released dVAE is 1024 samples, so 250 codes are 11.61 seconds. Default 11.61. */
  readonly maximumSeconds?: number;
  /** Default 200. */
  readonly maximumTextTokens?: number;
  /** How to take the silence off both ends of each clip. Default: it stays. */
  readonly trim?: TrimOptions;
  readonly onProgress?: (progress: PrepareProgress) => void;
  readonly signal?: AbortSignal;
}

/** A clip that can be used, while its sound is in memory. */
export interface ClipSound {
  readonly tokens: Int32Array; // [tokens]
  /** Mono at 22,050 Hz. */
  readonly samples: Float32Array; // [samples]
  readonly seconds: number;
  /** As it was before it became mono: all channels at the file's rate. */
  readonly decoded: DecodedAudio;
}

/** Reads one clip. */
export type ClipReader = (entry: ClipEntry) => Promise<ClipSound>;

/** @returns A function that reads a clip and throws `Unusable` or `AudioError` if it cannot be used. */
export function clipReader(files: Files, options: PrepareOptions): ClipReader {
  const { tokenizer, maximumTextTokens = 200 } = options;
  const decode = clipDecoder(files);
  return async (entry) => {
    const tokens = clipTokens(entry.text, tokenizer, maximumTextTokens);
    const decoded = await decode(entry);
    const samples = monoSamples(decoded, options);
    return { tokens, samples, seconds: samples.length / AR_MEL.sampleRateHz, decoded };
  };
}

function monoSamples(
  decoded: DecodedAudio,
  { minimumSeconds = 0.6, maximumSeconds = 11.61, trim }: PrepareOptions,
): Float32Array {
  const count = decoded.channels[0]?.length ?? 0;
  checkSeconds(count / decoded.sampleRateHz, minimumSeconds, trim ? Infinity : maximumSeconds);
  const mono = mixDown(decoded);
  const { samples, sampleRateHz } = trim ? trimSilence(mono, trim) : mono;
  checkSeconds(samples.length / sampleRateHz, minimumSeconds, maximumSeconds);
  return resample(samples, sampleRateHz, AR_MEL.sampleRateHz);
}

function checkSeconds(seconds: number, minimum: number, maximum: number): void {
  if (seconds < minimum)
    throw new Unusable(
      "too-short",
      `lasts ${seconds.toFixed(2)} s, less than ${minimum} s`,
      "join it with its neighbour, or leave it out",
    );
  if (seconds > maximum)
    throw new Unusable(
      "too-long",
      `lasts ${seconds.toFixed(2)} s, more than ${maximum} s`,
      "cut it at pauses into shorter clips, each with its own text",
    );
}

/**
 * Reads every clip of a dataset once and hands each that can be used to `visit`.
 *
 * @returns Everything that gave no clip, and why, in the order of the lines.
 */
export async function readSounds(
  files: Files,
  options: PrepareOptions,
  visit: (entry: ClipEntry, sound: ClipSound) => void | Promise<void>,
): Promise<Problem[]> {
  const { clips: entries, problems } = await readClips(files, options);
  const read = clipReader(files, options);
  for (const [done, entry] of entries.entries()) {
    options.signal?.throwIfAborted();
    options.onProgress?.({ done, total: entries.length });
    try {
      await visit(entry, await read(entry));
    } catch (error) {
      problems.push(problemWith(entry, error));
    }
  }
  options.onProgress?.({ done: entries.length, total: entries.length });
  return inOrder(problems);
}

/** By list and line; files that no line names come last. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const lists = [...new Set(problems.map(({ list }) => list))];
  const place = ({ list, line }: Problem): number =>
    line === 0 ? lists.length : lists.indexOf(list);
  return problems.toSorted((a, b) => place(a) - place(b) || a.line - b.line);
}

/** Why a clip cannot be used, from what its preparation threw; mistakes of programs are thrown on. */
export function problemWith({ id, list, line, path }: ClipEntry, error: unknown): Problem {
  const place = { id, list, line, path };
  if (error instanceof Unusable)
    return { ...place, fault: error.fault, reason: error.message, advice: error.advice };
  if (!(error instanceof AudioError)) throw error;
  const reason = `cannot be read: ${withoutStop(error.message)}`;
  return {
    ...place,
    fault: "unreadable",
    reason,
    advice: "replace the file, or take the line out",
  };
}
