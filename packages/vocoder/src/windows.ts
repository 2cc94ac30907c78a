import { VocoderError } from "./vocoder-error.js";

/** A stretch of frames to be computed at once, and the part of it whose result counts. */
export interface Window {
  readonly start: number;
  readonly end: number;
  /** From this frame on, counted from the signal's beginning, … */
  readonly from: number;
  /** … up to, not including, this one. */
  readonly to: number;
}

/**
 * Cuts a long signal into windows of one length, so that one program serves all and memory stays small.
 *
 * @param length Frames of a window; a signal that is no longer is one window.
 * @param margin Frames beside a result that can change it: as many around each part are computed and thrown away,
 *   so that the parts are what the whole would give.
 */
export function windows(frames: number, length: number, margin: number): Window[] {
  if (frames <= length) return [{ start: 0, end: frames, from: 0, to: frames }];
  const all: Window[] = [];
  for (let from = 0; from < frames; from = (all.at(-1) as Window).to) {
    // The last window ends where the signal does: its end must be a true one.
    const start = Math.min(Math.max(0, from - margin), frames - length);
    const end = start + length;
    all.push({ start, end, from, to: end === frames ? frames : end - margin });
  }
  return all;
}

/** Frames start to end of each row. @param data [rows, frames], row-major. */
export function cutFrames(
  data: Float32Array,
  frames: number,
  { start, end }: { readonly start: number; readonly end: number },
): Float32Array {
  const rows = data.length / frames;
  const cut = new Float32Array(rows * (end - start));
  for (let row = 0; row < rows; row++)
    cut.set(data.subarray(row * frames + start, row * frames + end), row * (end - start));
  return cut;
}

/** How a long signal is computed. */
export interface WindowOptions {
  /** Frames of a window. */
  readonly length: number;
  /** See `windows`. */
  readonly margin: number;
  /** Samples of a frame. */
  readonly hop: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The waveform of a signal, window by window.
 *
 * @param compute Gives all samples of a window.
 * @throws {VocoderError} A window is too short to hold more than its margins.
 */
export async function inWindows(
  caller: string,
  frames: number,
  { length, margin, hop, signal }: WindowOptions,
  compute: (window: Window) => Promise<Float32Array>,
): Promise<Float32Array> {
  if (!(Number.isInteger(length) && length > 2 * margin))
    throw new VocoderError(
      `${caller}: chunkFrames is ${length}; give a whole number above ${2 * margin}, since ${margin} frames on both sides change a sound.`,
    );
  const samples = new Float32Array(frames * hop);
  for (const window of windows(frames, length, margin)) {
    signal?.throwIfAborted();
    const { start, from, to } = window;
    const all = await compute(window);
    samples.set(all.subarray((from - start) * hop, (to - start) * hop), from * hop);
  }
  return samples;
}
