import type { Device } from "@hawksbill/core";
import { type Cache, type Clip, cachedCodes, soundHash } from "@hawksbill/dataset";
import { Dvae } from "@hawksbill/dvae";
import { weightsHash } from "@hawksbill/trainer";
import type { CodedClip } from "./clip-batches.js";
import type { Model } from "./model.js";

export interface EncodeOptions {
  readonly device: Device;
  /** Codes are taken from here where the same sound was encoded by the same dVAE, and kept here. */
  readonly cache?: Cache;
  readonly signal?: AbortSignal;
}

/** Clips with their codes, one after another. */
export async function* encodeClips(
  clips: readonly Clip[],
  { dvae: weights }: Pick<Model, "dvae">,
  { device, cache, signal }: EncodeOptions,
): AsyncGenerator<CodedClip, void, undefined> {
  const dvae = Dvae.create(weights, device);
  const model = cache ? await weightsHash(weights) : "";
  try {
    for (const clip of clips) {
      signal?.throwIfAborted();
      const { id, seconds, speaker, weight } = clip as Clip & { readonly weight?: number };
      const encode = (): Promise<Int32Array> => dvae.encode(clip.mel);
      const codes = cache
        ? await cachedCodes(cache, { hash: await soundHash(clip.samples), model }, encode)
        : await encode();
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
