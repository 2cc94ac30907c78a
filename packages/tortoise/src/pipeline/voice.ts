import type { Audio } from "@hawksbill/audio";
import { Random } from "@hawksbill/core";
import type { SpeakerVoice } from "../speaker.js";
import { TortoiseError } from "../tortoise-error.js";
import {
  autoregressiveMel,
  type ConditioningOptions,
  checkClips,
  diffusionMels,
  requireConditioning,
} from "../voices/conditioning-mels.js";
import type { TortoiseLatents, VoiceLatents } from "../voices/voice-latents.js";
import type { Stages } from "./stages.js";

/** Options of `Tortoise.voice`. */
export interface VoiceOptions extends ConditioningOptions {
  /** Draws which 6 s of each clip are heard, or what a made-up voice is; default `new Random(0)`. */
  readonly random?: Random;
}

/** The latents of a voice, checked against the model. */
export async function latentsOf(
  voice: SpeakerVoice,
  stages: Stages,
  { random = new Random(0), ...options }: VoiceOptions = {},
): Promise<TortoiseLatents> {
  requireConditioning("voice", options);
  if (voice === "random") return randomVoice(stages, random);
  if (Array.isArray(voice)) return heardVoice(voice, stages, { ...options, random });
  return checkedLatents(voice as VoiceLatents, stages);
}

async function heardVoice(
  clips: readonly Audio[],
  stages: Stages,
  { random, ...options }: ConditioningOptions & { readonly random: Random },
): Promise<TortoiseLatents> {
  checkClips(clips);
  const mels = clips.map((clip, i) => autoregressiveMel(clip, random.fork(i)));
  const autoregressive = await stages.use("autoregressive", (model) => model.conditioning(mels));
  const diffusion = await stages.use("diffusion", (model) =>
    model.conditioning(clips.flatMap((clip) => diffusionMels(clip, options))),
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
  const sizes = {
    autoregressive: model.config.modelDim,
    diffusion: 2 * model.diffusionConfig.modelChannels,
  };
  for (const part of ["autoregressive", "diffusion"] as const) {
    const numbers = voice[part];
    if (numbers?.length !== sizes[part])
      throw new TortoiseError(
        `voice: the ${part} latent has ${numbers?.length ?? 0} numbers, this model's has ${sizes[part]}; make it with this model, of the voice's clips`,
      );
    if (!numbers.every(Number.isFinite))
      throw new TortoiseError(
        `voice: the ${part} latent holds what is no finite number; make it anew of the voice's clips`,
      );
  }
  return voice as TortoiseLatents;
}
