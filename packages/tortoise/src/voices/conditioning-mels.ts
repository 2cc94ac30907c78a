import { type Audio, arMel, type Mel, resample, tacotronMel } from "@hawksbill/audio";
import type { Random } from "@hawksbill/core";
import { requireKnown, requireOneOf } from "../require-known.js";
import { TortoiseError } from "../tortoise-error.js";

/** How clips become what the models are conditioned on. */
export interface ConditioningOptions {
  /**
   * What the diffusion decoder hears. "beginnings" (default): the first 4.3 s of each clip, as TorToiSe. Of
   * tortoise-tts-fast: "chunks", all pieces of 4.3 s alike, and "files", one mean spectrogram for each clip.
   */
  readonly averaging?: "beginnings" | "chunks" | "files";
  /**
   * How clips get to its 24 kHz: "tortoise" (default) by way of UnifiedVoice's 22.05 kHz, as TorToiSe; or "direct",
   * which keeps more of the highs.
   */
  readonly resampling?: "tortoise" | "direct";
}

/** What each option takes; the compiler sees to it that none is forgotten. */
const choices: {
  readonly [Name in keyof Required<ConditioningOptions>]: readonly NonNullable<
    ConditioningOptions[Name]
  >[];
} = {
  averaging: ["beginnings", "chunks", "files"],
  resampling: ["tortoise", "direct"],
};

/** @throws {RangeError} An option is unknown, or has a value that it does not take. */
export function requireConditioning(where: string, options: ConditioningOptions): void {
  requireKnown(where, options, choices);
  for (const [name, values] of Object.entries(choices)) {
    const value = options[name as keyof ConditioningOptions];
    if (value !== undefined) requireOneOf(`${where}.${name}`, value, values);
  }
}

/** What UnifiedVoice hears of a clip: 6 s at 22,050 Hz. */
export const autoregressiveClip = { samples: 132_300, sampleRateHz: 22_050 };

/** What the diffusion decoder hears of a clip: 4.3 s at 24,000 Hz. */
const diffusionClip = { samples: 102_400, sampleRateHz: 24_000 };

/** Less is hardly a word, and nearly all of what is heard would be the silence put behind. */
const shortestSeconds = 0.5;

/**
 * What UnifiedVoice hears of a clip: 6 s from anywhere in it, or all of it with silence behind.
 *
 * @param random Chooses where it begins.
 */
export function autoregressiveMel(clip: Audio, random: Random): Mel {
  const { samples: length, sampleRateHz } = autoregressiveClip;
  const samples = loaded(clip, sampleRateHz);
  const room = Math.max(0, samples.length - length);
  return arMel(stretch(samples, random.integer(room + 1), length));
}

/** What the diffusion decoder hears of a clip: one spectrogram or, of "chunks", several. */
export function diffusionMels(
  clip: Audio,
  { averaging = "beginnings", resampling = "tortoise" }: ConditioningOptions = {},
): Mel[] {
  const { samples: length, sampleRateHz } = diffusionClip;
  const samples = resample(...source(clip, resampling), sampleRateHz);
  const count = averaging === "beginnings" ? 1 : Math.ceil(samples.length / length);
  const mels = Array.from({ length: count }, (_, i) =>
    tacotronMel(stretch(samples, i * length, length)),
  );
  return averaging === "files" ? [meanMel(mels)] : mels;
}

/** @throws {TortoiseError} A clip is too short, or silent, or there is none. */
export function checkClips(clips: readonly Audio[]): void {
  if (clips.length === 0) throw badClip("voice: there is no clip");
  for (const [i, clip] of clips.entries()) checkClip(clip, `voice: clip ${i}`);
}

/**
 * @param name What errors call the clip.
 * @throws {TortoiseError} It is too short, or silent.
 */
export function checkClip({ samples, sampleRateHz }: Audio, name: string): void {
  const seconds = samples.length / sampleRateHz;
  if (!(seconds >= shortestSeconds))
    throw badClip(
      `${name} lasts ${seconds.toFixed(2)} s, at least ${shortestSeconds} s are needed`,
    );
  if (samples.every((sample) => sample === 0)) throw badClip(`${name} is silent`);
}

function badClip(problem: string): TortoiseError {
  return new TortoiseError(`${problem}; give clips of 3 to 20 s of clear speech, 3 or more`);
}

function source(clip: Audio, resampling: string): [Float32Array, number] {
  if (resampling === "direct") return [clip.samples, clip.sampleRateHz];
  const { sampleRateHz } = autoregressiveClip;
  return [loaded(clip, sampleRateHz), sampleRateHz];
}

/** At another rate and within ±1, as TorToiSe loads a clip. */
function loaded({ samples, sampleRateHz }: Audio, rateHz: number): Float32Array {
  return resample(samples, sampleRateHz, rateHz).map((x) => Math.max(-1, Math.min(1, x)));
}

/** So many samples from a place on; zeros where there are no more. */
function stretch(samples: Float32Array, start: number, length: number): Float32Array {
  const cut = new Float32Array(length);
  cut.set(samples.subarray(start, start + length));
  return cut;
}

function meanMel(mels: readonly Mel[]): Mel {
  const [{ bands, frames, data } = { bands: 0, frames: 0, data: new Float32Array() }] = mels;
  const mean = data.map(
    (_, i) => mels.reduce((sum, mel) => sum + (mel.data[i] as number), 0) / mels.length,
  );
  return { bands, frames, data: mean };
}
