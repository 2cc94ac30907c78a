import type { Device } from "@hawksbill/core";
import type { SampleOptions } from "@hawksbill/diffusion";
import { checkSampling, type SamplingOptions } from "@hawksbill/unified-voice";
import { requireKnown, requireOneOf } from "../require-known.js";
import type { SpeakerVoice } from "../speaker.js";
import { type ConditioningOptions, requireConditioning } from "../voices/conditioning-mels.js";
import type { JobOptions } from "./job.js";
import type { PresetName } from "./presets.js";
import type { TortoiseModel } from "./tortoise-model.js";

/** How the diffusion decoder works; see `SampleOptions` of @hawksbill/diffusion. */
export type DiffusionSettings = Pick<
  SampleOptions,
  "sampler" | "steps" | "guidance" | "guidanceCourse" | "eta" | "temperature"
>;

/** What to say with a TorToiSe that is on a device. */
export interface SpeechRequest extends Omit<JobOptions, "seed"> {
  /**
   * As long as the model reads at once, about 300 characters; `read` takes longer ones. Words in brackets are
   * spoken with it, and cut out of the sound: "[I am so sad,] please close the door."
   */
  readonly text: string;
  readonly voice: SpeakerVoice;
  /** Default "fast", as TorToiSe. What is given beside it takes the place of its numbers. */
  readonly preset?: PresetName;
  /** The same seed gives the same speech on the same device; default 0. */
  readonly seed?: number;
  /**
   * How many times the text is spoken, to choose the best by CLVP; default the preset's, but with the decoder "hifigan" 1
   * if no preset is given.
   */
  readonly candidates?: number;
  /** How many of the best become sound; default 1. */
  readonly keep?: number;
  /** What it leaves open is the preset's, the model's own, or else TorToiSe's. "greedy" speaks one candidate, without randomness. */
  readonly sampling?: SamplingOptions | "greedy";
  /** Codes that a candidate has at most; default 500, 23 seconds. */
  readonly maxCodes?: number;
  /** Candidates that are spoken at once, which takes memory; default 16, or as many as `memoryMB` allows. */
  readonly batchSize?: number;
  /** Megabytes that candidates may take as they are spoken, but one always is; default no limit. */
  readonly memoryMB?: number;
  /** Share of CVVP beside CLVP in the scores, 0 (default) to 1; for voices of clips, and for more than one candidate. */
  readonly cvvpAmount?: number;
  /** What makes sound of the best: "diffusion" with UnivNet (default), or the faster "hifigan". */
  readonly decoder?: "diffusion" | "hifigan";
  readonly diffusion?: DiffusionSettings;
  /** How clips are heard by the diffusion decoder; none where the voice is not of clips. */
  readonly conditioning?: ConditioningOptions;
  /** Characters that the tokenizer does not know: refused ("throw", default), or left to the model ("replace"). */
  readonly unknown?: "throw" | "replace";
}

/** The same, for one speech with a model that is on no device yet. */
export interface TortoiseSpeakOptions extends SpeechRequest {
  readonly model: TortoiseModel;
  readonly device: Device;
}

/** Every option there is; the compiler sees to it that none is forgotten. */
const optionNames: { readonly [Name in keyof Required<SpeechRequest>]: true } = {
  text: true,
  voice: true,
  preset: true,
  seed: true,
  candidates: true,
  keep: true,
  sampling: true,
  maxCodes: true,
  batchSize: true,
  memoryMB: true,
  cvvpAmount: true,
  decoder: true,
  diffusion: true,
  conditioning: true,
  unknown: true,
  signal: true,
  onProgress: true,
  now: true,
};

const diffusionNames: { readonly [Name in keyof Required<DiffusionSettings>]: true } = {
  sampler: true,
  steps: true,
  guidance: true,
  guidanceCourse: true,
  eta: true,
  temperature: true,
};

/** What stands here for the parameters of the original's `tts()`. */
const instead: Readonly<Record<string, string>> = {
  voice_samples: "voice",
  conditioning_latents: "voice",
  k: "keep",
  use_deterministic_seed: "seed",
  num_autoregressive_samples: "candidates",
  temperature: "sampling.temperature",
  repetition_penalty: "sampling.repetitionPenalty",
  top_p: "sampling.topP",
  top_k: "sampling.topK",
  typical_sampling: "sampling.typicalMass",
  typical_mass: "sampling.typicalMass",
  max_mel_tokens: "maxCodes",
  cvvp_amount: "cvvpAmount",
  diffusion_iterations: "diffusion.steps",
  cond_free: "diffusion.guidance (0 is without)",
  cond_free_k: "diffusion.guidance",
  diffusion_temperature: "diffusion.temperature",
  sampler: "diffusion.sampler",
  latent_averaging_mode: "conditioning.averaging",
  original_tortoise: "conditioning.resampling",
  autoregressive_batch_size: "batchSize",
  verbose: "onProgress",
};

/** Why nothing stands here for others. */
const needless: Readonly<Record<string, string>> = {
  length_penalty: "it changes nothing where codes are drawn",
  num_beams: "codes are drawn, not searched for",
  return_deterministic_state: "every speech has its plan",
  half: "sound is computed in single precision",
  kv_cache: "codes are always cached",
  enable_redaction: "words in brackets are cut out of the sound",
};

/** @throws {RangeError} An option would be ignored, or is none of those that there are. */
export function refuseStrangers(options: Partial<SpeechRequest>): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(optionNames, name)) continue;
    const snakeCase = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const better = instead[snakeCase];
    const why = needless[snakeCase];
    const advice = better
      ? `give ${better}`
      : `leave it out${why ? `: ${why}` : ", or look for its name in the README of @hawksbill/tortoise"}`;
    throw new RangeError(`speak: there is no option "${name}"; ${advice}`);
  }
  const { sampling = {}, diffusion = {}, conditioning = {}, decoder = "diffusion" } = options;
  requireOneOf("speak: decoder", decoder, ["diffusion", "hifigan"]);
  requireKnown("speak: diffusion", diffusion, diffusionNames);
  if (sampling !== "greedy") checkSampling(sampling);
  requireConditioning("speak: conditioning", conditioning);
}
