import FFT from "fft.js";
import { AudioError } from "./audio-error.js";

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
  forEachFrame("stft", samples, options, (spectrum, frame) => {
    const row = frame * bins;
    for (let bin = 0; bin < bins; bin++) {
      real[row + bin] = spectrum[2 * bin] as number;
      imaginary[row + bin] = spectrum[2 * bin + 1] as number;
    }
  });
  return { real, imaginary, frames, bins };
}

/** How many frames a waveform of this length has. */
export function frameCount(sampleCount: number, hopSamples = 256): number {
  return 1 + Math.floor(sampleCount / hopSamples);
}

/**
 * Calls `visit` with each frame's spectrum: real and imaginary part of each bin in turn. The array is
 * used again for the next frame, because all spectra of an hour of speech take a gigabyte.
 */
export function forEachFrame(
  caller: string,
  samples: Float32Array,
  options: StftOptions,
  visit: (spectrum: Float64Array, frame: number) => void,
): void {
  const { fftSize, hopSamples } = checkOptions(caller, options);
  const half = fftSize / 2;
  checkSamples(caller, samples, half + 1);
  const window = hannWindow(fftSize);
  const fft = new FFT(fftSize);
  const waves = new Float64Array(2 * fftSize);
  const both = new Float64Array(2 * fftSize);
  const spectra = [new Float64Array(fftSize + 2), new Float64Array(fftSize + 2)] as const;
  const frames = frameCount(samples.length, hopSamples);
  // Two frames at a time, as real and imaginary part of one wave.
  for (let f = 0; f < frames; f += 2) {
    const hasNext = f + 1 < frames;
    cutFrame(samples, f * hopSamples - half, window, waves, 0);
    if (hasNext) cutFrame(samples, (f + 1) * hopSamples - half, window, waves, 1);
    else for (let i = 0; i < fftSize; i++) waves[2 * i + 1] = 0;
    fft.transform(both, waves);
    takeApart(both, ...spectra);
    visit(spectra[0], f);
    if (hasNext) visit(spectra[1], f + 1);
  }
}

/** Writes a frame times the window into every second place of `waves`, from `part` on; the waveform is mirrored at its ends. */
function cutFrame(
  samples: Float32Array,
  start: number,
  window: Float64Array,
  waves: Float64Array,
  part: 0 | 1,
): void {
  const { length } = window;
  const last = samples.length - 1;
  if (start >= 0 && start + length <= samples.length) {
    for (let i = 0; i < length; i++)
      waves[2 * i + part] = (samples[start + i] as number) * (window[i] as number);
    return;
  }
  for (let i = 0; i < length; i++) {
    const at = Math.abs(start + i);
    const sample = samples[at <= last ? at : 2 * last - at] as number;
    waves[2 * i + part] = sample * (window[i] as number);
  }
}

/** The spectra of real waves a and b from that of a + ib: even and odd part about the middle. */
function takeApart(both: Float64Array, a: Float64Array, b: Float64Array): void {
  const end = both.length;
  for (let i = 0; i < a.length; i += 2) {
    const mirror = i === 0 ? 0 : end - i;
    const real = both[i] as number;
    const imaginary = both[i + 1] as number;
    const mirrorReal = both[mirror] as number;
    const mirrorImaginary = both[mirror + 1] as number;
    a[i] = (real + mirrorReal) / 2;
    a[i + 1] = (imaginary - mirrorImaginary) / 2;
    b[i] = (imaginary + mirrorImaginary) / 2;
    b[i + 1] = (mirrorReal - real) / 2;
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
  const window = hannWindow(fftSize);
  const fft = new FFT(fftSize);
  const spectrum = new Float64Array(2 * fftSize);
  const waves = new Float64Array(2 * fftSize);
  const sum = new Float64Array(fftSize + frames * hopSamples);
  const weight = new Float64Array(sum.length);

  // Two frames at a time: the real part of the transform of a + ib is frame a, the imaginary part b.
  for (let a = 0; a < frames; a += 2) {
    const hasB = a + 1 < frames;
    for (let bin = 0; bin < bins; bin++) {
      const i = a * bins + bin;
      const isEdge = bin === 0 || bin === bins - 1; // Real in the spectrum of any real wave.
      const aReal = real[i] as number;
      const aImaginary = isEdge ? 0 : (imaginary[i] as number);
      const bReal = hasB ? (real[i + bins] as number) : 0;
      const bImaginary = hasB && !isEdge ? (imaginary[i + bins] as number) : 0;
      const mirror = (fftSize - bin) % fftSize;
      spectrum[2 * mirror] = aReal + bImaginary;
      spectrum[2 * mirror + 1] = bReal - aImaginary;
      spectrum[2 * bin] = aReal - bImaginary;
      spectrum[2 * bin + 1] = bReal + aImaginary;
    }
    fft.inverseTransform(waves, spectrum);
    for (let part = 0; part < 2; part++) {
      const start = (a + part) * hopSamples;
      const isThere = part === 0 || hasB;
      for (let i = 0; i < fftSize && isThere; i++) {
        const w = window[i] as number;
        sum[start + i] = (sum[start + i] as number) + (waves[2 * i + part] as number) * w;
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

function checkSamples(caller: string, samples: Float32Array, minimum: number): void {
  if (samples.length < minimum) {
    throw new AudioError(
      `${caller}: the waveform has ${samples.length} samples; give at least ${minimum}.`,
    );
  }
  // A loop: calling a function for each sample takes a tenth of the whole spectrogram's time.
  for (let i = 0; i < samples.length; i++)
    if (!Number.isFinite(samples[i]))
      throw new AudioError(`${caller}: sample ${i} is ${samples[i]}; give finite samples.`);
}

/** Periodic, as transforms want it: the sample after the last one would be 0 again. */
function hannWindow(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / length));
}
