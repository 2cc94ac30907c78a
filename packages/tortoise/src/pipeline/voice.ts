import type { Audio } from "@hawksbill/audio";
import { Random } from "@hawksbill/core";
import type { SpeakerVoice } from "../speaker.js";
import {
  autoregressiveMel,
  type ConditioningOptions,
  checkClips,
  diffusionMels,
  requireConditioning,
} from "../voices/conditioning-mels.js";
import { requireLatent } from "../voices/require-latent.js";
import type { TortoiseLatents, VoiceLatents } from "../voices/voice-latents.js";
import type { Stages } from "./stages.js";

/** Options of `Tortoise.voice`. */
export interface VoiceOptions extends ConditioningOptions {
  /** Draws which 6 s of each clip are heard, or what a made-up voice is; default `new Random(0)`. */
  readonly random?: Random;
  /** Aborting ends the listening behind the clip under way, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * The latents of a voice, checked against the model.
 *
 * @throws {RangeError} An option is unknown or, as `averaging` of latents, would be ignored.
 */
export async function latentsOf(
  voice: SpeakerVoice,
  stages: Stages,
  { random = new Random(0), signal, ...options }: VoiceOptions = {},
): Promise<TortoiseLatents> {
  requireConditioning("voice", options);
  signal?.throwIfAborted();
  if (Array.isArray(voice))
    return heardVoice(voice, stages, { ...options, random, ...(signal ? { signal } : {}) });
  refuseConditioning(voice === "random" ? "made up" : "latents", options);
  if (voice === "random") return randomVoice(stages, random);
  return checkedLatents(voice as VoiceLatents, stages);
}

/** @throws {RangeError} How clips are heard is asked of a voice that is not of clips. */
function refuseConditioning(voice: string, options: ConditioningOptions): void {
  for (const [name, value] of Object.entries(options))
    if (value !== undefined)
      throw new RangeError(
        `voice: ${name} says how clips are heard, and this voice is ${voice}; leave it out, or give clips`,
      );
}

async function heardVoice(
  clips: readonly Audio[],
  stages: Stages,
  { random, signal, ...options }: VoiceOptions & { readonly random: Random },
): Promise<TortoiseLatents> {
  const stopping = signal ? { signal } : {};
  checkClips(clips);
  const mels = clips.map((clip, i) => autoregressiveMel(clip, random.fork(i)));
  const autoregressive = await stages.use("autoregressive", (model) =>
    model.conditioning(mels, stopping),
  );
  const diffusion = await stages.use("diffusion", (model) =>
    model.conditioning(
      clips.flatMap((clip) => diffusionMels(clip, options)),
      stopping,
    ),
  );
  return { autoregressive, diffusion, mels };
}

async function randomVoice(stages: Stages, random: Random): Promise<TortoiseLatents> {
  return {
    autoregressive: await stages.use("randomAutoregressive", (model) =>
      model.latent(random.fork("autoregressive")),
    ),
    diffusion: await stages.use("randomDiffusion", (model) =>
      model.latent(random.fork("diffusion")),
    ),
  };
}

/** @throws {TortoiseError} The latents are another model's, or no numbers. */
function checkedLatents(voice: VoiceLatents, { model }: Stages): TortoiseLatents {
  requireLatent("autoregressive", voice.autoregressive, model.config.modelDim);
  requireLatent("diffusion", voice.diffusion, 2 * model.diffusionConfig.modelChannels);
  return voice as TortoiseLatents;
}
