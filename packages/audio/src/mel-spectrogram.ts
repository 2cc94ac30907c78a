import { AudioError } from "./audio-error.js";
import { melFilterbank } from "./mel-filterbank.js";
import { MEL_NORMS } from "./mel-norms.js";
import { forEachFrame, frameCount } from "./stft.js";

/** A mel spectrogram. */
export type Mel = {
  /** [bands, frames] */
  readonly data: Float32Array;
  readonly bands: number;
  readonly frames: number;
};

/** The mel the dVAE and UnifiedVoice hear: how it is made. */
export const AR_MEL = {
  sampleRateHz: 22_050,
  fftSize: 1024,
  hopSamples: 256,
  bands: 80,
  minHz: 0,
  maxHz: 8000,
  scale: "htk",
} as const;

/** The mel the diffusion model and UnivNet work with: how it is made. */
export const TACOTRON_MEL = {
  sampleRateHz: 24_000,
  fftSize: 1024,
  hopSamples: 256,
  bands: 100,
  minHz: 0,
  maxHz: 12_000,
  scale: "slaney",
} as const;

/** Silence has no logarithm: nothing is taken as smaller than this. */
export const MEL_FLOOR = 1e-5;

/** What the released diffusion model maps to [-1, 1]: the logs of the floor and of its loudest band. */
const tacotronRange = { low: Math.log(MEL_FLOOR), high: 2.3143386840820312 };

/**
 * The 80-band log-mel spectrogram that the dVAE encodes and that UnifiedVoice is conditioned on: the
 * natural log of mel power, each band divided by its normaliser.
 *
 * @param samples Mono at 22,050 Hz, at least 513.
 * @param options.melNorms One divisor per band; null for none. The default is MEL_NORMS.
 * @returns [bands=80, frames = 1 + floor(samples / 256)]
 * @throws {AudioError} The waveform is too short, or has a sample that is no number.
 * @see torchaudio.transforms.MelSpectrogram(norm="slaney"), which it equals to 1e-3
 */
export function arMel(
  samples: Float32Array,
  options: { readonly melNorms?: Float32Array | null } = {},
): Mel {
  const { melNorms = MEL_NORMS } = options;
  if (melNorms && melNorms.length !== AR_MEL.bands) {
    throw new AudioError(
      `arMel: there are ${melNorms.length} normalisers; give one for each of the ${AR_MEL.bands} bands.`,
    );
  }
  return logMel("arMel", samples, {
    ...AR_MEL,
    isMagnitude: false,
    finish: (log, band) => (melNorms ? log / (melNorms[band] as number) : log),
  });
}

/**
 * The 100-band log-mel spectrogram that the diffusion model makes and UnivNet speaks: the natural log of
 * mel magnitude. Samples outside of [-1, 1] are clipped.
 *
 * @param samples Mono at 24,000 Hz, at least 513.
 * @param options.normalise Map the range of the released model to [-1, 1], as the diffusion model's own
 *   input and output are; its conditioning clips and UnivNet take the log itself. Default false.
 * @returns [bands=100, frames = 1 + floor(samples / 256)]
 * @throws {AudioError} The waveform is too short, or has a sample that is no number.
 * @see TacotronSTFT of neonbjb/tortoise-tts at 8a2563e (Apache-2.0), which it equals to 1e-3
 */
export function tacotronMel(
  samples: Float32Array,
  options: { readonly normalise?: boolean } = {},
): Mel {
  const { low, high } = tacotronRange;
  return logMel("tacotronMel", clipped(samples), {
    ...TACOTRON_MEL,
    isMagnitude: true,
    finish: options.normalise ? (log) => (2 * (log - low)) / (high - low) - 1 : (log) => log,
  });
}

function clipped(samples: Float32Array): Float32Array {
  const inside = new Float32Array(samples.length);
  for (let i = 0; i < samples.length; i++)
    inside[i] = Math.max(-1, Math.min(1, samples[i] as number));
  return inside;
}

type MelOptions = (typeof AR_MEL | typeof TACOTRON_MEL) & {
  /** Whether bands add up the magnitudes of bins, or their powers. */
  readonly isMagnitude: boolean;
  readonly finish: (log: number, band: number) => number;
};

function logMel(caller: string, samples: Float32Array, options: MelOptions): Mel {
  const { fftSize, hopSamples, bands, isMagnitude, finish } = options;
  const bins = fftSize / 2 + 1;
  const filters = bandRanges(melFilterbank(options), bands, bins);
  const frames = frameCount(samples.length, hopSamples);
  const data = new Float32Array(bands * frames);
  const strengths = new Float64Array(bins);
  forEachFrame(caller, samples, options, (spectrum, frame) => {
    for (let bin = 0; bin < bins; bin++) {
      const real = spectrum[2 * bin] as number;
      const imaginary = spectrum[2 * bin + 1] as number;
      const power = real * real + imaginary * imaginary;
      strengths[bin] = isMagnitude ? Math.sqrt(power) : power;
    }
    for (let band = 0; band < bands; band++) {
      const { start, weights } = filters[band] as BandRange;
      let sum = 0;
      for (let i = 0; i < weights.length; i++) {
        sum += (weights[i] as number) * (strengths[start + i] as number);
      }
      data[band * frames + frame] = finish(Math.log(Math.max(MEL_FLOOR, sum)), band);
    }
  });
  return { data, bands, frames };
}

/** A band's weights, from the bin `start` on. */
interface BandRange {
  readonly start: number;
  readonly weights: Float32Array;
}

/** Each band's weights without the zeros around them, which are nine in ten. */
function bandRanges(weights: Float32Array, bands: number, bins: number): BandRange[] {
  return Array.from({ length: bands }, (_, band) => {
    const row = weights.subarray(band * bins, (band + 1) * bins);
    const start = Math.max(
      0,
      row.findIndex((weight) => weight > 0),
    );
    const end = row.findLastIndex((weight) => weight > 0) + 1;
    return { start, weights: row.slice(start, end) };
  });
}
