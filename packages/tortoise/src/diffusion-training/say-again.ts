import type { Audio } from "@hawksbill/audio";
import { type Device, Random, type Weights } from "@hawksbill/core";
import type { Clip } from "@hawksbill/dataset";
import { Diffusion } from "@hawksbill/diffusion";
import { Univnet } from "@hawksbill/vocoder";
import type { Model } from "../model.js";
import { diffusionMels } from "../voices/conditioning-mels.js";
import { arSampleRateHz, hearClips, mostVoiceClips } from "./heard-clips.js";

export interface SayAgainOptions {
  readonly model: Model;
  readonly diffusion: Weights;
  /** UnivNet's, without `model_g.`. */
  readonly vocoder: Weights;
  readonly clip: Clip;
  /** Of the voice in which it is said. */
  readonly voices: readonly Clip[];
  readonly device: Device;
  /** Of the diffusion; default 30. */
  readonly steps?: number;
  /** Default 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/**
 * A clip as the diffusion decoder says it: its own codes, by way of latents and mel spectrogram. What differs from the
 * recording is the decoder's doing alone, apart from what the codes have lost.
 *
 * @returns At 24,000 Hz.
 */
export async function sayAgain(options: SayAgainOptions): Promise<Audio> {
  const { diffusion, vocoder, clip, voices, device, steps = 30, seed = 0, signal } = options;
  const stopping = signal ? { signal } : {};
  let latents: Float32Array = new Float32Array();
  for await (const heard of hearClips([clip], { ...options, seed })) latents = heard.latents;
  const decoder = Diffusion.create(diffusion, device);
  const univnet = Univnet.create(vocoder, device);
  const random = new Random(seed);
  try {
    const mels = voices
      .slice(0, mostVoiceClips)
      .flatMap(({ samples }) => diffusionMels({ samples, sampleRateHz: arSampleRateHz }));
    const mel = await decoder.sample({
      latents,
      conditioning: await decoder.conditioning(mels),
      random: random.fork("diffusion"),
      ...{ steps, ...stopping },
    });
    return await univnet.inference(mel, { random: random.fork("vocoder"), ...stopping });
  } finally {
    await decoder.dispose();
    await univnet.dispose();
  }
}
