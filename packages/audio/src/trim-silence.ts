import type { Audio } from "./audio.js";
import { AudioError } from "./audio-error.js";

/** When a stretch counts as silence. */
export type TrimOptions = {
  /** How far below the loudest stretch silence lies, in decibels. Default -40. */
  readonly thresholdDb?: number;
  /** How much of the silence stays at each end. Default 0.05. */
  readonly keepSeconds?: number;
};

/** Short against a syllable, long against a voice's period. */
const stretchSeconds = 0.02;

/**
 * Takes the silence off both ends. Audio that is silent throughout is returned as it is.
 *
 * @throws {AudioError} thresholdDb is not below 0.
 */
export function trimSilence(audio: Audio, options: TrimOptions = {}): Audio {
  const { thresholdDb = -40, keepSeconds = 0.05 } = options;
  if (!(thresholdDb < 0)) {
    throw new AudioError(`trimSilence: thresholdDb is ${thresholdDb}; give a number below 0.`);
  }
  const { samples, sampleRateHz } = audio;
  const stretch = Math.max(1, Math.round(stretchSeconds * sampleRateHz));
  const powers: number[] = [];
  for (let start = 0; start < samples.length; start += stretch) {
    powers.push(meanSquare(samples.subarray(start, start + stretch)));
  }
  const loudest = powers.reduce((most, power) => Math.max(most, power), 0);
  const threshold = loudest * 10 ** (thresholdDb / 10);
  const isLoud = (power: number) => power > threshold;
  const first = powers.findIndex(isLoud);
  if (first < 0) return audio;
  const kept = Math.round(keepSeconds * sampleRateHz);
  const start = Math.max(0, first * stretch - kept);
  const end = (powers.findLastIndex(isLoud) + 1) * stretch + kept;
  return { samples: samples.slice(start, end), sampleRateHz };
}

/** The mean power of samples; 0 where there are none. */
export function meanSquare(samples: Float32Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length);
}
