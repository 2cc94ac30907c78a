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
  const all: Window[] = [];
  const signal = { ready: frames, ended: true };
  for (let from = 0; from < frames; from = (all.at(-1) as Window).to)
    all.push(nextWindow(from, signal, { length, margin }) as Window);
  return all;
}

/**
 * The next window of a signal that may still be coming, undefined until there is enough of it.
 *
 * @param from The first frame whose result is not there yet.
 * @param signal How many frames there are, and whether they are all.
 */
export function nextWindow(
  from: number,
  { ready, ended }: { readonly ready: number; readonly ended: boolean },
  { length, margin }: Pick<WindowOptions, "length" | "margin">,
): Window | undefined {
  if (ended && from === ready) return undefined;
  // The last window ends where the signal does: its end must be a true one.
  const start = Math.max(0, Math.min(from - margin, ended ? ready - length : from));
  const end = ended ? Math.min(start + length, ready) : start + length;
  if (end > ready) return undefined;
  return { start, end, from, to: ended && end === ready ? ready : end - margin };
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
 * @throws {VocoderError} See `checkWindow`.
 */
export async function inWindows(
  caller: string,
  frames: number,
  { length, margin, hop, signal }: WindowOptions,
  compute: (window: Window) => Promise<Float32Array>,
): Promise<Float32Array> {
  checkWindow(caller, length, margin);
  const samples = new Float32Array(frames * hop);
  for (const window of windows(frames, length, margin)) {
    signal?.throwIfAborted();
    const { start, from, to } = window;
    const all = await compute(window);
    samples.set(all.subarray((from - start) * hop, (to - start) * hop), from * hop);
  }
  return samples;
}

/** @throws {VocoderError} A window is too short to hold more than its margins. */
export function checkWindow(caller: string, length: number, margin: number): void {
  if (!(Number.isInteger(length) && length > 2 * margin))
    throw new VocoderError(
      `${caller}: chunkFrames is ${length}; give a whole number above ${2 * margin}, since ${margin} frames on both sides change a sound.`,
    );
}
