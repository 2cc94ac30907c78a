import {
  concat,
  expand,
  ShapeError,
  silu,
  split,
  squeeze,
  type Tensor,
  type Weights,
} from "@hawksbill/core";
import { attentionBlock, relativeBuckets } from "./attention-block.js";
import { blockCounts } from "./config.js";
import { convolution, namedWeight, normalise } from "./layers.js";
import { residualBlock } from "./residual-block.js";
import { residualBlockNames } from "./timesteps.js";

/** What the model is told besides the noisy mel. */
export interface DenoiseInputs {
  /** `alignedEmbedding`, or `unconditionedEmbedding` for guidance, [batch or 1, channels, frames]. */
  readonly speech: Tensor;
  /** `modulations` of each item's timestep, or of one for all: [batch or 1, blocks, 2 · channels]. */
  readonly modulations: Tensor;
}

/**
 * The noise in a mel spectrogram.
 *
 * @param x Noisy mel, normalised to [-1, 1] before the noise came, [batch or 1, bands, frames].
 * @returns [batch, 2 · bands, frames]: the noise, then where its variance lies between its bounds, from -1 to 1.
 */
export function denoise(
  weights: Weights,
  x: Tensor,
  { speech, modulations }: DenoiseInputs,
): Tensor {
  const [C = 1, bands] = namedWeight(weights, "inp_block.weight").shape;
  const S = speech.shape[2] ?? 1;
  if (x.rank !== 3 || x.shape[1] !== bands || x.shape[2] !== S)
    throw new ShapeError(
      `denoise: x is [${x.shape}], speech [${speech.shape}]; give x [batch or 1, ${bands}, frames] with as many frames as speech`,
    );
  const names = residualBlockNames(weights);
  const perBlock = split(modulations, names.length, 1); // [B or 1, 1, 2 C] each
  const buckets = relativeBuckets(S);
  const withAttention = names.length - blockCounts.lastLayers;
  const block = (y: Tensor, i: number): Tensor => {
    const name = names[i] as string;
    const heard = residualBlock(weights, name, y, squeeze(perBlock[i] as Tensor, 1));
    if (i >= withAttention) return heard;
    return attentionBlock(weights, name.replace(/resblk$/, "attn"), heard, buckets);
  };

  let told = speech;
  for (let i = 0; i < blockCounts.timestepIntegrator; i++) told = block(told, i);
  const seen = convolution(weights, "inp_block", x);
  const B = Math.max(seen.shape[0] ?? 1, told.shape[0] ?? 1);
  const both = [seen, told].map((y) => expand(y, [B, C, S]));
  let h = convolution(weights, "integrating_conv", concat(both, 1));
  for (let i = blockCounts.timestepIntegrator; i < names.length; i++) h = block(h, i);
  return convolution(weights, "out.2", silu(normalise(weights, "out.0", h)));
}
