import { resample, TACOTRON_MEL, tacotronMel } from "@hawksbill/audio";
import { Random, type Weights } from "@hawksbill/core";
import type { Clip } from "@hawksbill/dataset";
import { Diffusion, framesFor } from "@hawksbill/diffusion";
import { UnifiedVoice } from "@hawksbill/unified-voice";
import type { CodedClip } from "../clip-batches.js";
import { type EncodeOptions, encodeClips } from "../encode-clips.js";
import type { Model } from "../model.js";
import { autoregressiveMel, diffusionMels } from "../voices/conditioning-mels.js";

/** A clip as the diffusion decoder learns from it. */
export interface HeardClip {
  readonly id: string;
  readonly seconds: number;
  readonly speaker?: string;
  readonly weight?: number;
  readonly codes: number;
  /** What UnifiedVoice thinks at each code, [codes, latentChannels]. */
  readonly latents: Float32Array;
  /** What is to come of it, normalised to [-1, 1], [bands=100, framesFor(codes)]. */
  readonly mel: Float32Array;
  /** Its voice, as the contextual embedder hears it, [2 · channels]. */
  readonly voice: Float32Array;
}

interface HearOptions extends EncodeOptions {
  readonly model: Model;
  readonly diffusion: Weights;
  /** Of which UnifiedVoice hears each speaker's voice. */
  readonly voices: readonly Clip[];
  readonly seed: number;
}

/** Clips of a speaker that UnifiedVoice is conditioned on: more change the mean little. */
export const mostVoiceClips = 32;

/**
 * Clips with all that stays the same while the decoder is trained, one after another. UnifiedVoice hears each
 * speaker's voice as it does in speaking: the mean of many clips of 6 s.
 */
export async function* hearClips(
  clips: readonly Clip[],
  { model, diffusion, voices, seed, ...options }: HearOptions,
): AsyncGenerator<HeardClip, void, undefined> {
  const { device } = options;
  const coded: CodedClip[] = [];
  for await (const clip of encodeClips(clips, model, options)) coded.push(clip);
  const unifiedVoice = UnifiedVoice.create(model.unifiedVoice, device, {
    heads: model.config.heads,
  });
  const decoder = Diffusion.create(diffusion, device);
  const known = new Map<string | undefined, Float32Array>();
  const voiceOf = async (speaker: string | undefined): Promise<Float32Array> => {
    const own = voices.filter((clip) => clip.speaker === speaker);
    const random = new Random(seed).fork(`voice ${speaker ?? ""}`);
    const mels = (own.length > 0 ? own : voices)
      .slice(0, mostVoiceClips)
      .map(({ samples }) => autoregressiveMel({ samples, sampleRateHz: arSampleRateHz }, random));
    return unifiedVoice.conditioning(mels);
  };
  try {
    for (const { clip, codes, id, seconds, speaker, weight } of coded) {
      options.signal?.throwIfAborted();
      const voice = known.get(speaker) ?? (await voiceOf(speaker));
      known.set(speaker, voice);
      yield {
        ...{ id, seconds, codes: codes.length },
        ...(speaker === undefined ? {} : { speaker }),
        ...(weight === undefined ? {} : { weight }),
        latents: await unifiedVoice.latents({ tokens: promptOf(clip, model), voice }, codes),
        mel: melOf(clip.samples, codes.length),
        voice: await decoder.conditioning(diffusionMels({ ...clip, sampleRateHz: arSampleRateHz })),
      };
    }
  } finally {
    await unifiedVoice.dispose();
    await decoder.dispose();
  }
}

export const arSampleRateHz = 22_050;

/** Samples at 22,050 Hz that a code stands for. */
const samplesPerCode = 1024;

/** As the pipeline reads a text: with a stop token before UnifiedVoice's own, where there is a position for it. */
function promptOf({ tokens }: Clip, { config }: Model): number[] {
  const { maxTextTokens, stopTextToken } = config;
  return tokens.length < maxTextTokens ? [...tokens, stopTextToken] : [...tokens];
}

/** The mel of the very time that the codes stand for: the last one may reach beyond the sound, into silence. */
function melOf(samples: Float32Array, codes: number): Float32Array {
  const sound = new Float32Array(codes * samplesPerCode);
  sound.set(samples.subarray(0, sound.length));
  const { data, bands, frames } = tacotronMel(
    resample(sound, arSampleRateHz, TACOTRON_MEL.sampleRateHz),
    { normalise: true },
  );
  const wanted = framesFor(codes);
  const mel = new Float32Array(bands * wanted);
  for (let band = 0; band < bands; band++)
    mel.set(data.subarray(band * frames, band * frames + wanted), band * wanted);
  return mel;
}
