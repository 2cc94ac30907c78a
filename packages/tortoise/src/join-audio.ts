import type { Audio } from "@hawksbill/audio";
import { TortoiseError } from "./tortoise-error.js";

/** Long enough that no click is heard where sound begins or ends, too short to be heard itself. */
const fadeSeconds = 0.005;

/** Pieces of speech as one. */
export interface JoinedAudio {
  readonly audio: Audio;
  /** When each piece begins, in seconds. */
  readonly startSeconds: readonly number[];
}

/**
 * Puts pieces of speech behind one another. Their ends are faded, so that no seam clicks.
 *
 * @param options.gapSeconds Silence between them; default 0.1.
 * @throws {TortoiseError} There is no piece, or their rates differ.
 * @throws {RangeError} The gap is negative.
 */
export function joinAudio(
  pieces: readonly Audio[],
  options: { readonly gapSeconds?: number } = {},
): JoinedAudio {
  const { gapSeconds = 0.1 } = options;
  const [first] = pieces;
  if (!first) throw new TortoiseError("joinAudio: there are no pieces; give one or more");
  if (!(gapSeconds >= 0 && gapSeconds < Infinity))
    throw new RangeError(`joinAudio: gapSeconds is ${gapSeconds}; give 0 or more`);
  const { sampleRateHz } = first;
  const other = pieces.find((piece) => piece.sampleRateHz !== sampleRateHz);
  if (other)
    throw new TortoiseError(
      `joinAudio: pieces have ${sampleRateHz} and ${other.sampleRateHz} Hz; resample them to one rate`,
    );

  const gap = Math.round(gapSeconds * sampleRateHz);
  const length = pieces.reduce((sum, { samples }) => sum + samples.length + gap, -gap);
  const samples = new Float32Array(length);
  const startSeconds: number[] = [];
  let start = 0;
  for (const piece of pieces) {
    samples.set(faded(piece), start);
    startSeconds.push(start / sampleRateHz);
    start += piece.samples.length + gap;
  }
  return { audio: { samples, sampleRateHz }, startSeconds };
}

function faded({ samples, sampleRateHz }: Audio): Float32Array {
  const count = Math.min(fadeSamples(sampleRateHz), Math.floor(samples.length / 2));
  const result = samples.slice();
  fade(result, "start", count);
  fade(result, "end", count);
  return result;
}

/** Over how many samples an end of a piece is faded, if it has as many. */
export function fadeSamples(sampleRateHz: number): number {
  return Math.round(fadeSeconds * sampleRateHz);
}

/** Lets a sound rise from nothing over its first samples, or fall to it over its last ones. */
export function fade(samples: Float32Array, end: "start" | "end", count: number): void {
  for (let i = 0; i < count; i++) {
    const at = end === "start" ? i : samples.length - 1 - i;
    samples[at] = ((samples[at] as number) * i) / count;
  }
}
