import { instantiate } from "./fourier.wasm.js";

/** What kernels/fourier.ts exports. */
interface Kernel extends Readonly<Record<ArrayName, { readonly value: number }>> {
  readonly memory: { readonly buffer: ArrayBuffer };
  layOut(fftSize: number): void;
  clip(sampleCount: number, bound: number): void;
  cutFrames(hopSamples: number): void;
  transform(): void;
  takeApart(): void;
  measureBins(isMagnitude: boolean): void;
  sumBands(bands: number): void;
  logSums(bands: number, floor: number): void;
}

type ArrayName =
  | "samples"
  | "window"
  | "order"
  | "roots"
  | "waves"
  | "spectra"
  | "ranges"
  | "weights"
  | "sums";

/** Which bins a band sums, from `start` on, and how much of each. */
export interface Band {
  readonly start: number;
  readonly weights: Float32Array;
}

interface LogBandsOptions {
  readonly isMagnitude: boolean;
  readonly floor: number;
}

/** Fourier transforms of eight frames at a time, in WebAssembly. Its arrays are used again for the next eight. */
export class EightFrames {
  /** To be filled for `analyse`, [4.5 * fftSize]. */
  readonly samples: Float32Array;
  /** What `analyse` gives, [bins = fftSize / 2 + 1, 2 (real, imaginary), 8 frames]. */
  readonly spectra: Float32Array;
  /** What `logBands` gives, [bands, 8 frames]. */
  readonly sums: Float32Array;
  /** What `transform` transforms: four waves, [fftSize, 2 (real, imaginary), 4], before it in the order of `order`. */
  readonly waves: Float32Array;
  readonly order: Int32Array;
  /** Hann's, periodic, as transforms want it: the sample after the last one would be 0 again. */
  readonly window: Float32Array;
  readonly #kernel = instantiate() as Kernel;
  readonly #ranges: Int32Array;
  readonly #weights: Float32Array;
  #bands: readonly Band[] = [];

  constructor(fftSize: number) {
    const bins = fftSize / 2 + 1;
    const kernel = this.#kernel;
    kernel.layOut(fftSize);
    const { buffer } = kernel.memory;
    const floats = (name: ArrayName, length: number) =>
      new Float32Array(buffer, kernel[name].value, length);
    const integers = (name: ArrayName, length: number) =>
      new Int32Array(buffer, kernel[name].value, length);
    this.samples = floats("samples", 4.5 * fftSize);
    this.spectra = floats("spectra", 16 * bins);
    this.sums = floats("sums", 8 * bins);
    this.waves = floats("waves", 8 * fftSize);
    this.order = integers("order", fftSize);
    this.window = floats("window", fftSize);
    this.#ranges = integers("ranges", 2 * bins);
    this.#weights = floats("weights", 2 * bins);
    const roots = floats("roots", fftSize);
    for (let i = 0; i < fftSize; i++) {
      const angle = (2 * Math.PI * i) / fftSize;
      this.window[i] = 0.5 - 0.5 * Math.cos(angle);
      this.order[i] = reversed(i, fftSize);
      if (2 * i < fftSize) roots.set([Math.cos(angle), -Math.sin(angle)], 2 * i);
    }
  }

  /** From `samples`, whose frames begin `hopSamples` apart, to `spectra`. */
  analyse(hopSamples: number): void {
    this.#kernel.cutFrames(hopSamples);
    this.#kernel.transform();
    this.#kernel.takeApart();
  }

  /** `waves` in place. */
  transform(): void {
    this.#kernel.transform();
  }

  /** Bounds `samples`. */
  clip(bound: number): void {
    this.#kernel.clip(this.samples.length, bound);
  }

  /** From `spectra` to logarithms of bands' magnitudes, or powers, in `sums`; none is taken as smaller than `floor`. */
  logBands(bands: readonly Band[], { isMagnitude, floor }: LogBandsOptions): void {
    if (bands !== this.#bands) this.#setBands(bands);
    this.#kernel.measureBins(isMagnitude);
    this.#kernel.sumBands(bands.length);
    this.#kernel.logSums(bands.length, floor);
  }

  #setBands(bands: readonly Band[]): void {
    this.#bands = bands;
    let at = 0;
    for (const [band, { start, weights }] of bands.entries()) {
      this.#ranges.set([start, weights.length], 2 * band);
      this.#weights.set(weights, at);
      at += weights.length;
    }
  }
}

/** The lowest bit of an index below `count` first. */
function reversed(index: number, count: number): number {
  let result = 0;
  for (let bit = 1; bit < count; bit *= 2) result = 2 * result + ((index & bit) === 0 ? 0 : 1);
  return result;
}

/** One of each size: Griffin-Lim asks for it a hundred times. */
const made = new Map<number, EightFrames>();

/** Nobody else uses its arrays before the caller returns. */
export function eightFrames(fftSize: number): EightFrames {
  const known = made.get(fftSize) ?? new EightFrames(fftSize);
  made.set(fftSize, known);
  return known;
}
