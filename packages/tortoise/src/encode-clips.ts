import { arMel } from "@hawksbill/audio";
import type { Device, Weights } from "@hawksbill/core";
import { type Cache, type Clip, cachedCodes, soundHash } from "@hawksbill/dataset";
import { Dvae } from "@hawksbill/dvae";
import { weightsHash } from "@hawksbill/trainer";
import type { CodedClip } from "./clip-batches.js";
import type { Model } from "./model.js";

export interface EncodeOptions {
  readonly device: Device;
  /** Codes are taken from here where the same sound was encoded by the same dVAE, and kept here. */
  readonly cache?: Cache;
  /**
   * Clips that get silence up to the length of the longest, whose codes count as theirs; default none. DL-Art-School does
   * so, and its "dlas" recipe teaches them with all the rest: then nothing but the longest clip's end is an end.
   */
  readonly padded?: (clip: Clip) => boolean;
  readonly signal?: AbortSignal;
}

/** Clips with their codes, one after another. */
export async function* encodeClips(
  clips: readonly Clip[],
  { dvae: weights }: Pick<Model, "dvae">,
  { device, cache, padded = () => false, signal }: EncodeOptions,
): AsyncGenerator<CodedClip, void, undefined> {
  const dvae = Dvae.create(weights, device);
  const cached = await codesOnce(weights, cache);
  const longest = clips.reduce((most, { samples }) => Math.max(most, samples.length), 0);
  try {
    for (const clip of clips) {
      signal?.throwIfAborted();
      const { id, seconds, speaker, weight } = clip as Clip & { readonly weight?: number };
      const isPadded = padded(clip);
      const sound = isPadded ? withSilence(clip.samples, longest) : clip.samples;
      const encode = (): Promise<Int32Array> => dvae.encode(isPadded ? arMel(sound) : clip.mel);
      const codes = await cached(sound, encode);
      yield {
        id,
        clip,
        seconds,
        codes,
        ...(speaker === undefined ? {} : { speaker }),
        ...(weight === undefined ? {} : { weight }),
      };
    }
  } finally {
    await dvae.dispose();
  }
}

/**
 * Encodes each sound once, where there is a cache.
 *
 * @param dvae Only what makes the codes tells one from another: a decoder may have been fitted to a voice since.
 */
export async function codesOnce(
  dvae: Weights,
  cache: Cache | undefined,
): Promise<(sound: Float32Array, encode: () => Promise<Int32Array>) => Promise<Int32Array>> {
  if (!cache) return (_, encode) => encode();
  const encoder = Object.entries(dvae).filter(([name]) => !name.startsWith("decoder."));
  const model = await weightsHash(Object.fromEntries(encoder));
  return async (sound, encode) =>
    cachedCodes(cache, { hash: await soundHash(sound), model }, encode);
}

/** Samples with silence behind them. */
function withSilence(samples: Float32Array, length: number): Float32Array {
  const sound = new Float32Array(length);
  sound.set(samples);
  return sound;
}
