import { AudioError } from "./audio-error.js";
import type { Band } from "./eight-frames.js";
import { type MelFilterbankOptions, melFilterbank } from "./mel-filterbank.js";
import { MEL_NORMS } from "./mel-norms.js";
import { forEightFrames, frameCount } from "./stft.js";

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
export const TACOTRON_RANGE = { low: Math.log(MEL_FLOOR), high: 2.3143386840820312 };

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
  const mel = logMel("arMel", samples, { ...AR_MEL, bands: arBands(), isMagnitude: false });
  for (let band = 0; melNorms && band < mel.bands; band++) {
    const norm = melNorms[band] as number;
    for (let i = band * mel.frames; i < (band + 1) * mel.frames; i++)
      mel.data[i] = (mel.data[i] as number) / norm;
  }
  return mel;
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
  const { data, ...size } = logMel("tacotronMel", samples, {
    ...TACOTRON_MEL,
    bands: tacotronBands(),
    isMagnitude: true,
    clip: 1,
  });
  const { low, high } = TACOTRON_RANGE;
  if (options.normalise)
    for (let i = 0; i < data.length; i++)
      data[i] = (2 * ((data[i] as number) - low)) / (high - low) - 1;
  return { data, ...size };
}

interface MelOptions {
  readonly fftSize: number;
  readonly hopSamples: number;
  readonly bands: readonly Band[];
  /** Whether bands add up the magnitudes of bins, or their powers. */
  readonly isMagnitude: boolean;
  readonly clip?: number;
}

function logMel(caller: string, samples: Float32Array, options: MelOptions): Mel {
  const { hopSamples, bands, isMagnitude } = options;
  const frames = frameCount(samples.length, hopSamples);
  const data = new Float32Array(bands.length * frames);
  forEightFrames(caller, samples, options, (eight, first, count) => {
    eight.logBands(bands, { isMagnitude, floor: MEL_FLOOR });
    for (let band = 0; band < bands.length; band++)
      for (let frame = 0; frame < count; frame++)
        data[band * frames + first + frame] = eight.sums[8 * band + frame] as number;
  });
  return { data, bands: bands.length, frames };
}

/** Each band's weights without the zeros around them, which are nine in ten; made when they are first needed. */
function bandsOf(options: MelFilterbankOptions): () => readonly Band[] {
  let bands: readonly Band[] | undefined;
  return () => {
    bands ??= withoutZeros(melFilterbank(options), options.bands);
    return bands;
  };
}

function withoutZeros(weights: Float32Array, bands: number): readonly Band[] {
  const bins = weights.length / bands;
  return Array.from({ length: bands }, (_, band) => {
    const row = weights.subarray(band * bins, (band + 1) * bins);
    const start = row.findIndex((weight) => weight > 0);
    const end = row.findLastIndex((weight) => weight > 0) + 1;
    return { start, weights: row.slice(start, end) };
  });
}

const arBands = bandsOf(AR_MEL);
const tacotronBands = bandsOf(TACOTRON_MEL);
