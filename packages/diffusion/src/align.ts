import {
  embedding,
  expand,
  resize,
  ShapeError,
  type Tensor,
  transpose,
  type Weights,
} from "@hawksbill/core";
import { attentionBlocks } from "./attention-block.js";
import { blockCounts } from "./config.js";
import { convolution, namedWeight, normalise } from "./layers.js";
import { scaleAndShift } from "./residual-block.js";

/** What is to be spoken: the autoregressive model's latents, [batch, codes, latentChannels], or its codes, int32 [batch, codes]. */
export type Speech = { readonly latents: Tensor } | { readonly codes: Tensor };

/**
 * What is to be spoken in each frame, in a voice: the part of the model that knows neither the noise nor
 * the timestep.
 *
 * @param conditioning The voice, [batch, 2 · channels], as `conditioningLatent` gives it.
 * @returns [batch, channels, frames].
 */
export function alignedEmbedding(
  weights: Weights,
  speech: Speech,
  conditioning: Tensor,
  frames: number,
): Tensor {
  const x =
    "latents" in speech ? ofLatents(weights, speech.latents) : ofCodes(weights, speech.codes);
  const voiced = scaleAndShift(normalise(weights, "code_norm", x), conditioning); // [B, C, L]
  return resize(voiced, frames, "nearest");
}

/** What stands for no speech and no voice in guidance. @returns [1, channels, frames]. */
export function unconditionedEmbedding(weights: Weights, frames: number): Tensor {
  const embedding = namedWeight(weights, "unconditioned_embedding"); // [1, C, 1]
  return expand(embedding, [1, embedding.shape[1] ?? 1, frames]);
}

function ofLatents(weights: Weights, latents: Tensor): Tensor {
  const [, channels] = namedWeight(weights, "latent_conditioner.0.weight").shape;
  if (latents.rank !== 3 || latents.shape[2] !== channels)
    throw new ShapeError(
      `alignedEmbedding: latents are [${latents.shape}]; give [batch, codes, ${channels}]`,
    );
  const x = convolution(weights, "latent_conditioner.0", transpose(latents)); // [B, C, L]
  return attentionBlocks(weights, "latent_conditioner", x, [1, blockCounts.latentConditioner]);
}

function ofCodes(weights: Weights, codes: Tensor): Tensor {
  if (codes.rank !== 2)
    throw new ShapeError(`alignedEmbedding: codes are [${codes.shape}]; give [batch, codes]`);
  const x = transpose(embedding(namedWeight(weights, "code_embedding.weight"), codes)); // [B, C, L]
  return attentionBlocks(weights, "code_converter", x, [0, blockCounts.codeConverter]);
}
