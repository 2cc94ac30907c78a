import {
  AR_MEL,
  type Audio,
  inverseStft,
  MEL_NORMS,
  type Mel,
  type Spectrum,
  stft,
} from "@hawksbill/audio";
import { fitPowers } from "./fit-powers.js";
import { randomNumbers } from "./random-numbers.js";
import { VocoderError } from "./vocoder-error.js";

/** How to search for the waveform. */
export type GriffinLimOptions = {
  /** Rounds of the search; 30 take half as long and sound a little rougher. Default 60. */
  readonly iterations?: number;
  /** How far each round goes on in the direction of the last one; from about 1.2 on it does not settle. Default 0.99. */
  readonly momentum?: number;
  /** Draws the phases to start from: the same seed gives the same samples. Default 0. */
  readonly seed?: number;
  /** What the mel was divided by, as for arMel; null for nothing. Default MEL_NORMS. */
  readonly melNorms?: Float32Array | null;
};

/** 3 hops, the shortest waveform that has a spectrogram. */
const minFrames = 4;

/** Far above the log power of the loudest waveform, which is about 9. */
const maxLogPower = 30;

/** Steps towards the mel: from nothing at the start, and from the spectrum at hand in each round. */
const firstSteps = 20;
const stepsPerRound = 2;

/** 3 ms: no click is left, and the mel of the ends hardly changes. */
const fadeSamples = 64;

/** Rounds that keep the first magnitudes: random phases cut holes into a spectrum, and fitting keeps them. */
const flatRounds = 5;

/**
 * Finds a waveform that has the given mel spectrogram, without any trained weights: the fast Griffin-Lim
 * search, in which the magnitudes are fitted to the mel again in each round. What the mel does not tell,
 * such as where the harmonics lie inside a wide band, then settles together with the phases.
 *
 * @param mel As arMel gives it: 80 bands, [bands, frames].
 * @returns (frames - 1) · 256 samples at 22,050 Hz.
 * @throws {VocoderError} The mel has not 80 bands, has less than 4 frames, or its values are no logarithms;
 *   or an option is out of range.
 * @see Perraudin, Balazs and Søndergaard, "A fast Griffin-Lim algorithm", WASPAA 2013
 */
export function griffinLim(mel: Mel, options: GriffinLimOptions = {}): Audio {
  const { iterations = 60, momentum = 0.99, seed = 0, melNorms = MEL_NORMS } = options;
  if (!Number.isInteger(iterations) || iterations < 0 || !(momentum >= 0)) {
    throw new VocoderError(
      `griffinLim: there are ${iterations} iterations with a momentum of ${momentum}; give a whole number and a number, both from 0 up.`,
    );
  }
  const melPowers = toPowers(mel, melNorms);
  let spectrum = startSpectrum(melPowers, mel.frames, seed);
  let before: Spectrum | undefined;
  for (let round = 0; round < iterations; round++) {
    const heard = stft(inverseStft(spectrum));
    const magnitudes = round < flatRounds ? spectrum : heard;
    spectrum = nextSpectrum({ heard, before: before ?? heard, magnitudes, melPowers, momentum });
    before = heard;
  }
  const samples = inverseStft(spectrum).map((sample) => Math.max(-1, Math.min(1, sample)));
  fadeEnds(samples);
  return { samples, sampleRateHz: AR_MEL.sampleRateHz };
}

/** Lets the sound rise from nothing and fall to it: one that begins or ends amid a wave clicks. */
function fadeEnds(samples: Float32Array): void {
  for (let i = 0; i < fadeSamples; i++) {
    const gain = 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / fadeSamples);
    for (const at of [i, samples.length - 1 - i]) samples[at] = (samples[at] as number) * gain;
  }
}

/** Undoes normalisation and logarithm; [frames, bands]. */
function toPowers({ data, bands, frames }: Mel, melNorms: Float32Array | null): Float64Array {
  if (bands !== AR_MEL.bands || data.length !== bands * frames) {
    throw new VocoderError(
      `griffinLim: the mel is [${bands}, ${frames}] with ${data.length} values; give [80, frames] as arMel does.`,
    );
  }
  if (frames < minFrames) {
    throw new VocoderError(
      `griffinLim: the mel has ${frames} frames; give at least ${minFrames}, 35 ms.`,
    );
  }
  if (melNorms && melNorms.length !== bands) {
    throw new VocoderError(
      `griffinLim: there are ${melNorms.length} normalisers; give one for each of the 80 bands.`,
    );
  }
  const powers = new Float64Array(frames * bands);
  for (const [i, value] of data.entries()) {
    const band = Math.floor(i / frames);
    const frame = i % frames;
    const log = melNorms ? value * (melNorms[band] as number) : value;
    if (!(log <= maxLogPower) || log === -Infinity) {
      throw new VocoderError(
        `griffinLim: band ${band} of frame ${frame} has the log power ${log}; give finite values up to about 9, and melNorms as they were for arMel.`,
      );
    }
    powers[frame * bands + band] = Math.exp(log);
  }
  return powers;
}

/** The mel's own magnitudes with random phases. */
function startSpectrum(melPowers: Float64Array, frames: number, seed: number): Spectrum {
  const bins = AR_MEL.fftSize / 2 + 1;
  const real = new Float32Array(frames * bins);
  const imaginary = new Float32Array(frames * bins);
  const powers = new Float64Array(bins);
  const random = randomNumbers(seed);
  for (let frame = 0; frame < frames; frame++) {
    powers.fill(1);
    fitPowers(powers, melOf(melPowers, frame), firstSteps);
    for (const [bin, power] of powers.entries()) {
      const magnitude = Math.sqrt(power);
      const phase = 2 * Math.PI * random();
      real[frame * bins + bin] = magnitude * Math.cos(phase);
      imaginary[frame * bins + bin] = magnitude * Math.sin(phase);
    }
  }
  return { real, imaginary, frames, bins };
}

type Round = {
  readonly heard: Spectrum;
  readonly before: Spectrum;
  /** Whose magnitudes are fitted to the mel. */
  readonly magnitudes: Spectrum;
  readonly melPowers: Float64Array;
  readonly momentum: number;
};

/** Fitted magnitudes, with the phases heard, carried on by the momentum. */
function nextSpectrum({ heard, before, magnitudes, melPowers, momentum }: Round): Spectrum {
  const { frames, bins } = heard;
  const real = new Float32Array(frames * bins);
  const imaginary = new Float32Array(frames * bins);
  const powers = new Float64Array(bins);
  for (let frame = 0; frame < frames; frame++) {
    const row = frame * bins;
    for (let bin = 0; bin < bins; bin++) {
      const re = magnitudes.real[row + bin] as number;
      const im = magnitudes.imaginary[row + bin] as number;
      powers[bin] = re * re + im * im + tiny;
    }
    fitPowers(powers, melOf(melPowers, frame), stepsPerRound);
    for (let bin = 0; bin < bins; bin++) {
      const i = row + bin;
      const re = heard.real[i] as number;
      const im = heard.imaginary[i] as number;
      const x = re + momentum * (re - (before.real[i] as number));
      const y = im + momentum * (im - (before.imaginary[i] as number));
      const scale = Math.sqrt((powers[bin] as number) / (x * x + y * y + tiny));
      real[i] = x * scale;
      imaginary[i] = y * scale;
    }
  }
  return { real, imaginary, frames, bins };
}

/** Keeps silence from being divided by. */
const tiny = 1e-12;

function melOf(melPowers: Float64Array, frame: number): Float64Array {
  return melPowers.subarray(frame * AR_MEL.bands, (frame + 1) * AR_MEL.bands);
}
