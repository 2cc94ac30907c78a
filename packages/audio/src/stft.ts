import FFT from "fft.js";
import { AudioError } from "./audio-error.js";

/** A short-time Fourier transform: its frames are centred on multiples of the hop, the ends reflected. */
export type StftOptions = {
  /** Samples in a frame and of the window; a power of two. */
  readonly size: number;
  /** Samples from one frame to the next. */
  readonly hop: number;
};

/**
 * Magnitudes of the short-time Fourier transform under a periodic Hann window.
 *
 * @returns `data` [frames, bins], frames = 1 + floor(samples / hop), bins = size / 2 + 1.
 * @throws {AudioError} The waveform is too short to be reflected: it needs more than size / 2 samples.
 */
export function stftMagnitudes(
  samples: Float32Array,
  { size, hop }: StftOptions,
): { readonly data: Float32Array; readonly frames: number; readonly bins: number } {
  const padded = reflect(samples, size / 2);
  const bins = size / 2 + 1;
  const frames = 1 + Math.floor(samples.length / hop);
  const data = new Float32Array(frames * bins);
  const window = hann(size);
  const fft = new FFT(size);
  const frame = new Float64Array(size);
  const spectrum = new Float64Array(2 * size);
  for (let t = 0; t < frames; t++) {
    for (let i = 0; i < size; i++) frame[i] = (padded[t * hop + i] ?? 0) * (window[i] ?? 0);
    fft.realTransform(spectrum, frame);
    for (let k = 0; k < bins; k++) {
      const re = spectrum[2 * k] ?? 0;
      const im = spectrum[2 * k + 1] ?? 0;
      data[t * bins + k] = Math.sqrt(re * re + im * im);
    }
  }
  return { data, frames, bins };
}

/** The periodic Hann window: sin²(π i / size). */
export function hann(size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => Math.sin((Math.PI * i) / size) ** 2);
}

/** The waveform with `amount` samples mirrored at each end, the edges not repeated. */
function reflect(samples: Float32Array, amount: number): Float32Array {
  const last = samples.length - 1;
  if (last < amount) {
    throw new AudioError(
      `stft: the waveform has ${samples.length} samples; give more than ${amount}, e.g. pad it with zeros.`,
    );
  }
  const padded = new Float32Array(samples.length + 2 * amount);
  padded.set(samples, amount);
  for (let i = 0; i < amount; i++) {
    padded[i] = samples[amount - i] ?? 0;
    padded[amount + samples.length + i] = samples[last - 1 - i] ?? 0;
  }
  return padded;
}
