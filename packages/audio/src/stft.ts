import { AudioError } from "./audio-error.js";
import { type EightFrames, eightFrames } from "./eight-frames.js";

/** How a waveform is cut into frames. */
export type StftOptions = {
  /** Samples of a frame, which is also the window's length: a power of two. Default 1024. */
  readonly fftSize?: number;
  /** Samples from one frame to the next. Default 256. */
  readonly hopSamples?: number;
};

/** A complex spectrogram; both arrays are [frames, bins = fftSize / 2 + 1]. */
export type Spectrum = {
  readonly real: Float32Array;
  readonly imaginary: Float32Array;
  readonly frames: number;
  readonly bins: number;
};

/**
 * Short-time Fourier transform with a Hann window. The waveform is mirrored at its ends, so that frame
 * i is centred on sample i · hopSamples, and there are 1 + floor(samples / hopSamples) frames.
 *
 * @throws {AudioError} The waveform is too short to be mirrored, or has a sample that is no number.
 * @see torch.stft with its defaults and a periodic Hann window, which it equals to 1e-5
 */
export function stft(samples: Float32Array, options: StftOptions = {}): Spectrum {
  const { fftSize, hopSamples } = checkOptions("stft", options);
  const bins = fftSize / 2 + 1;
  const frames = frameCount(samples.length, hopSamples);
  const real = new Float32Array(frames * bins);
  const imaginary = new Float32Array(frames * bins);
  forEightFrames("stft", samples, options, ({ spectra }, first, count) => {
    for (let frame = 0; frame < count; frame++) {
      const row = (first + frame) * bins;
      for (let bin = 0; bin < bins; bin++) {
        real[row + bin] = spectra[16 * bin + frame] as number;
        imaginary[row + bin] = spectra[16 * bin + 8 + frame] as number;
      }
    }
  });
  return { real, imaginary, frames, bins };
}

/** How many frames a waveform of this length has. */
export function frameCount(sampleCount: number, hopSamples = 256): number {
  return 1 + Math.floor(sampleCount / hopSamples);
}

/**
 * Calls `visit` with the spectra of eight frames at a time, of which the last may be fewer. Its arrays are used again,
 * because all spectra of an hour of speech take a gigabyte.
 *
 * @param options.clip Samples are bounded by it.
 */
export function forEightFrames(
  caller: string,
  samples: Float32Array,
  options: StftOptions & { readonly clip?: number },
  visit: (eight: EightFrames, first: number, count: number) => void,
): void {
  const { fftSize, hopSamples } = checkOptions(caller, options);
  checkLength(caller, samples, fftSize / 2 + 1);
  const eight = eightFrames(fftSize);
  const frames = frameCount(samples.length, hopSamples);
  for (let first = 0; first < frames; first += 8) {
    const count = Math.min(8, frames - first);
    const length = fftSize + (count - 1) * hopSamples;
    copyMirrored(samples, first * hopSamples - fftSize / 2, eight.samples.subarray(0, length));
    eight.samples.fill(0, length);
    if (options.clip !== undefined) eight.clip(options.clip);
    eight.analyse(hopSamples);
    // A sample that is no number makes its frames' sums none, which bin 0 holds.
    if (!eight.spectra.subarray(0, count).every(Number.isFinite)) checkSamples(caller, samples);
    visit(eight, first, count);
  }
}

/** Copies the samples from `start` on, which are mirrored at both ends. */
function copyMirrored(samples: Float32Array, start: number, to: Float32Array): void {
  if (start >= 0 && start + to.length <= samples.length) {
    to.set(samples.subarray(start, start + to.length));
    return;
  }
  const last = samples.length - 1;
  for (let i = 0; i < to.length; i++) {
    const at = Math.abs(start + i);
    to[i] = samples[at <= last ? at : 2 * last - at] as number;
  }
}

/**
 * Turns a spectrogram back into a waveform: the one whose own spectrogram is nearest to it.
 *
 * @returns (frames - 1) · hopSamples samples.
 * @see torch.istft, which it equals to 1e-5
 */
export function inverseStft(
  { real, imaginary, frames, bins }: Spectrum,
  options: Pick<StftOptions, "hopSamples"> = {},
): Float32Array {
  const fftSize = 2 * (bins - 1);
  const { hopSamples } = checkOptions("inverseStft", { ...options, fftSize });
  const eight = eightFrames(fftSize);
  const { window, waves } = eight;
  const sum = new Float64Array(fftSize + frames * hopSamples);
  const weight = new Float64Array(sum.length);
  for (let first = 0; first < frames; first += 8) {
    placeSpectra({ real, imaginary, frames, bins }, first, eight);
    eight.transform();
    for (let frame = 0; frame < Math.min(8, frames - first); frame++) {
      const start = (first + frame) * hopSamples;
      const part = (frame >> 1) + (frame % 2 === 0 ? 4 : 0); // Real and imaginary parts are exchanged.
      for (let i = 0; i < fftSize; i++) {
        const w = window[i] as number;
        const sample = (waves[8 * i + part] as number) / fftSize;
        sum[start + i] = (sum[start + i] as number) + sample * w;
        weight[start + i] = (weight[start + i] as number) + w * w;
      }
    }
  }
  const samples = new Float32Array((frames - 1) * hopSamples);
  const half = fftSize / 2;
  for (let i = 0; i < samples.length; i++)
    samples[i] = (sum[half + i] as number) / (weight[half + i] as number);
  return samples;
}

/**
 * Makes the spectra of four waves of those of eight frames: of a + ib, a the real part that the inverse transform has to
 * give, b the imaginary one. Real and imaginary parts are exchanged, which makes the transform the inverse one.
 */
function placeSpectra(
  { real, imaginary, frames, bins }: Spectrum,
  first: number,
  { waves, order }: EightFrames,
): void {
  for (let wave = 0; wave < 4; wave++) {
    const a = first + 2 * wave;
    const b = a + 1;
    for (let bin = 0; bin < bins; bin++) {
      const isEdge = bin === 0 || bin === bins - 1; // Real in the spectrum of any real wave.
      const aReal = a < frames ? (real[a * bins + bin] as number) : 0;
      const aImaginary = a < frames && !isEdge ? (imaginary[a * bins + bin] as number) : 0;
      const bReal = b < frames ? (real[b * bins + bin] as number) : 0;
      const bImaginary = b < frames && !isEdge ? (imaginary[b * bins + bin] as number) : 0;
      const at = 8 * (order[bin] as number) + wave;
      const mirror = 8 * (order[(order.length - bin) % order.length] as number) + wave;
      waves[mirror] = bReal - aImaginary;
      waves[mirror + 4] = aReal + bImaginary;
      waves[at] = bReal + aImaginary;
      waves[at + 4] = aReal - bImaginary;
    }
  }
}

function checkOptions(
  caller: string,
  { fftSize = 1024, hopSamples = 256 }: StftOptions,
): Required<StftOptions> {
  if (!(fftSize >= 4 && Number.isInteger(Math.log2(fftSize)))) {
    throw new AudioError(`${caller}: fftSize is ${fftSize}; give a power of two, e.g. 1024.`);
  }
  if (!(Number.isInteger(hopSamples) && hopSamples >= 1 && hopSamples <= fftSize / 2)) {
    throw new AudioError(
      `${caller}: hopSamples is ${hopSamples}; give a whole number from 1 to ${fftSize / 2}.`,
    );
  }
  return { fftSize, hopSamples };
}

function checkLength(caller: string, samples: Float32Array, minimum: number): void {
  if (samples.length < minimum) {
    throw new AudioError(
      `${caller}: the waveform has ${samples.length} samples; give at least ${minimum}.`,
    );
  }
}

function checkSamples(caller: string, samples: Float32Array): void {
  const bad = samples.findIndex((sample) => !Number.isFinite(sample));
  if (bad >= 0)
    throw new AudioError(`${caller}: sample ${bad} is ${samples[bad]}; give finite samples.`);
}
