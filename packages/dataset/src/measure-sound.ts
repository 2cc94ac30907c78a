import { stft } from "@hawksbill/audio";
import { isSilent } from "./mix-down.js";
import type { ClipSound } from "./read-sounds.js";

/** What can be heard of a clip without understanding it. Decibels are of full scale. */
export interface SoundMeasures {
  /** Of the file. */
  readonly sampleRateHz: number;
  readonly channelCount: number;
  /** The largest sample, 1 at full scale. */
  readonly peak: number;
  /** How many samples lie on flat tops: the recording was too loud. */
  readonly clippedSamples: number;
  /** The level of the loud parts of the speech. */
  readonly speechDb: number;
  /** The level between the words. */
  readonly noiseDb: number;
  readonly silenceBeforeSeconds: number;
  readonly silenceAfterSeconds: number;
  /** The longest pause between words. */
  readonly pauseSeconds: number;
  /** How far below the speech the first and the last hundredths of a second are. */
  readonly startsBelowDb: number;
  readonly endsBelowDb: number;
  /** The mean of all samples. */
  readonly offset: number;
  /** Above this frequency there is next to nothing. */
  readonly bandwidthHz: number;
  readonly hasSilentChannel: boolean;
  /** How the energy moves in time and frequency, to find the same recording in another file. */
  readonly shape: Float32Array; // [bands=8, slots=32]
}

const rateHz = 22_050;
/** Short against a syllable, long against a voice's period. */
const frameSeconds = 0.02;

/** Measures a clip. */
export function measureSound({ samples, decoded }: ClipSound): SoundMeasures {
  const offset = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  const wave = samples.map((sample) => sample - offset);
  const levels = levelsDb(wave);
  const sorted = levels.toSorted();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? -100;
  const speechDb = at(0.95);
  const noiseDb = at(0.02);
  const threshold = Math.min(speechDb - 6, Math.max(speechDb - 35, noiseDb + 6));
  const isSpeech = Array.from(levels, (level) => level > threshold);
  const first = isSpeech.indexOf(true);
  const last = isSpeech.lastIndexOf(true);
  const edge = Math.round(rateHz * 0.01);
  return {
    sampleRateHz: decoded.sampleRateHz,
    channelCount: decoded.channels.length,
    peak: decoded.channels.reduce((peak, channel) => Math.max(peak, peakOf(channel)), 0),
    clippedSamples: decoded.channels.reduce((sum, channel) => sum + clippedSamples(channel), 0),
    speechDb,
    noiseDb,
    silenceBeforeSeconds: first * frameSeconds,
    silenceAfterSeconds: (isSpeech.length - 1 - last) * frameSeconds,
    pauseSeconds: longestPause(isSpeech.slice(first, last)) * frameSeconds,
    startsBelowDb: speechDb - levelDb(wave.subarray(0, edge)),
    endsBelowDb: speechDb - levelDb(wave.subarray(-edge)),
    offset,
    ...spectrumMeasures(wave, decoded.sampleRateHz),
    hasSilentChannel: decoded.channels.some(isSilent),
  };
}

/** The level of each frame; a last one that is not whole is left out. */
function levelsDb(samples: Float32Array): Float32Array {
  const length = Math.round(frameSeconds * rateHz);
  return Float32Array.from({ length: Math.max(1, Math.floor(samples.length / length)) }, (_, i) =>
    levelDb(samples.subarray(i * length, (i + 1) * length)),
  );
}

/** Of the mean power; -100 for silence, which 16 bits cannot hold. */
function levelDb(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return Math.max(-100, 10 * Math.log10(power));
}

function peakOf(samples: Float32Array): number {
  return samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
}

/** As quiet as this, waves of few bits have flat tops of their own. */
const leastClippedPeak = 0.25;
/** So many equal samples at the peak, one after the other, no voice makes. */
const leastFlatSamples = 4;

/** Samples on flat tops at the peak, which is not full scale if the recording was made quieter later. */
function clippedSamples(samples: Float32Array): number {
  const peak = peakOf(samples);
  if (peak < leastClippedPeak) return 0;
  const top = peak * (1 - 1e-4); // A step of 16 bits is a third of that.
  let clipped = 0;
  let flat = 0;
  const end = (): void => {
    if (Math.abs(flat) >= leastFlatSamples) clipped += Math.abs(flat);
    flat = 0;
  };
  for (const sample of samples) {
    const side = sample >= top ? 1 : sample <= -top ? -1 : 0;
    if (side === 0 || side * flat < 0) end();
    flat += side;
  }
  end();
  return clipped;
}

function longestPause(isSpeech: readonly boolean[]): number {
  let longest = 0;
  let pause = 0;
  for (const speech of isSpeech) {
    pause = speech ? 0 : pause + 1;
    longest = Math.max(longest, pause);
  }
  return longest;
}

const fftSize = 1024;
const hopSamples = 512;
/** Of all power; speech has more than that above 5 kHz even where it is dull. */
const restShare = 1e-6;
const slots = 32;
/** Of the bands of the shape, by bins of 21.5 Hz: 100 Hz to 4 kHz, each half an octave or more. */
const bandBins = [4, 10, 18, 28, 42, 60, 86, 124, 186] as const;

function spectrumMeasures(
  samples: Float32Array,
  fileRateHz: number,
): Pick<SoundMeasures, "bandwidthHz" | "shape"> {
  const { real, imaginary, frames, bins } = stft(samples, { fftSize, hopSamples });
  const byBin = new Float64Array(bins);
  const shape = new Float32Array((bandBins.length - 1) * slots);
  for (let frame = 0; frame < frames; frame++) {
    const slot = Math.floor((frame * slots) / frames);
    let band = -1;
    for (let bin = 0; bin < bins; bin++) {
      const i = frame * bins + bin;
      const power = (real[i] as number) ** 2 + (imaginary[i] as number) ** 2;
      byBin[bin] = (byBin[bin] as number) + power;
      while (bin >= (bandBins[band + 1] ?? Infinity)) band++;
      if (band < 0 || band >= bandBins.length - 1) continue;
      shape[band * slots + slot] = (shape[band * slots + slot] as number) + power;
    }
  }
  // Above half the file's rate there is only what resampling leaves.
  return { bandwidthHz: Math.min(bandwidth(byBin), fileRateHz / 2), shape: contrast(shape) };
}

function bandwidth(powers: Float64Array): number {
  const total = powers.reduce((sum, power) => sum + power, 0);
  let rest = 0;
  let bin = powers.length;
  while (bin > 0 && rest < restShare * total) rest += powers[--bin] as number;
  return (bin * rateHz) / fftSize;
}

/** Quieter than this below the loudest is noise, which differs between copies of one recording. */
const shapeRangeDb = 50;

/** Levels with mean 0 and length 1, so that the product of two is their correlation. */
function contrast(powers: Float32Array): Float32Array {
  const loudest = powers.reduce((most, power) => Math.max(most, power), Number.MIN_VALUE);
  const levels = powers.map((p) => Math.max(-shapeRangeDb, 10 * Math.log10(p / loudest)));
  const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
  const length = Math.hypot(...levels.map((level) => level - mean)) || 1;
  return levels.map((level) => (level - mean) / length);
}
