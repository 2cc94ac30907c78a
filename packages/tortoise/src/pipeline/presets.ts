import type { Sampler } from "@hawksbill/diffusion";
import type { SamplingOptions } from "@hawksbill/unified-voice";

/** How much work is done for a speech. */
export interface Preset {
  /** Candidates to choose the best of. */
  readonly candidates: number;
  readonly sampling: SamplingOptions;
  readonly diffusion: {
    readonly sampler: Sampler;
    readonly steps: number;
    readonly guidance: number;
  };
}

export type PresetName = keyof typeof presets;

const livelier: SamplingOptions = { temperature: 0.8, repetitionPenalty: 2, topP: 0.8 };
const steadier: SamplingOptions = { ...livelier, temperature: 0.2 };

/** Those of TorToiSe's own `tts_with_preset`. */
const ancestral = (candidates: number, steps: number, guidance = 2): Preset => ({
  candidates,
  sampling: livelier,
  diffusion: { sampler: "ancestral", steps, guidance },
});

/** Those of tortoise-tts-fast. */
const fast = (
  candidates: number,
  steps: number,
  options: { readonly sampler?: Sampler; readonly guidance?: number } = {},
): Preset => ({
  candidates,
  sampling: steadier,
  diffusion: { sampler: "ddim", steps, guidance: 2, ...options },
});

/**
 * By the names that users know. Where tortoise-tts-fast has other numbers under the same name, its name says so; its
 * "dpm++2m" is the one of @hawksbill/diffusion here, whose steps follow the schedule that the model was trained on.
 */
export const presets = {
  ultra_fast: ancestral(16, 30, 0),
  fast: ancestral(96, 80),
  standard: ancestral(256, 200),
  high_quality: ancestral(256, 400),
  "tts-fast/single_sample": fast(8, 10),
  "tts-fast/ultra_fast": fast(16, 10),
  "tts-fast/ultra_fast_old": fast(16, 30, { guidance: 0 }),
  "tts-fast/very_fast": fast(32, 30, { sampler: "dpm++2m" }),
  "tts-fast/fast": fast(96, 20, { sampler: "dpm++2m" }),
  "tts-fast/fast_old": fast(96, 80),
  "tts-fast/standard": fast(256, 200),
  "tts-fast/high_quality": fast(256, 400),
} as const satisfies Record<string, Preset>;
