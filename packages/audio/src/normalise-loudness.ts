import type { Audio } from "./audio.js";
import { AudioError } from "./audio-error.js";
import { meanSquare } from "./trim-silence.js";

/** How loud audio shall be. */
export type LoudnessOptions = {
  /** The loudest sample, or the mean power of all. Default "peak". */
  readonly measure?: "peak" | "rms";
  /** Decibels below full scale. Default -1 for the peak, -23 for the mean power. */
  readonly levelDb?: number;
};

/**
 * Scales audio to a loudness, but never so far that a sample passes full scale. Silence stays silent.
 *
 * @throws {AudioError} levelDb is above 0.
 */
export function normaliseLoudness(audio: Audio, options: LoudnessOptions = {}): Audio {
  const { measure = "peak" } = options;
  const levelDb = options.levelDb ?? (measure === "peak" ? -1 : -23);
  if (!(levelDb <= 0)) {
    throw new AudioError(`normaliseLoudness: levelDb is ${levelDb}; give 0 or a number below.`);
  }
  const { samples, sampleRateHz } = audio;
  const peak = samples.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0);
  if (peak === 0) return audio;
  const level = measure === "peak" ? peak : Math.sqrt(meanSquare(samples));
  const gain = Math.min(10 ** (levelDb / 20) / level, 1 / peak);
  return { samples: samples.map((sample) => sample * gain), sampleRateHz };
}
