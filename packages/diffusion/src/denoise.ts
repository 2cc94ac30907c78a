import {
  checkpoint,
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

/**
 * Weights that take nearly all of the time, for `QuantizedWeights` of @hawksbill/core. The first and the last layer are
 * none of them: they are little.
 */
export const denoiserMatrices =
  /^(layers|conditioning_timestep_integrator)\..*\.(qkv|proj_out|in_layers\.2|out_layers\.3)\.weight$|^integrating_conv\.weight$/;

/** What the model is told besides the noisy mel. */
export interface DenoiseInputs {
  /** `alignedEmbedding`, or `unconditionedEmbedding` for guidance, [batch or 1, channels, frames]. */
  readonly speech: Tensor;
  /** `modulations` of each item's timestep, or of one for all: [batch or 1, blocks, 2 · channels]. */
  readonly modulations: Tensor;
  /** Computes each block's inner values again for its gradients, in place of keeping them; default false. */
  readonly recompute?: boolean;
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
  { speech, modulations, recompute = false }: DenoiseInputs,
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
  const residual = (y: Tensor, i: number): Tensor =>
    residualBlock(weights, names[i] as string, y, squeeze(perBlock[i] as Tensor, 1));
  const attention = (y: Tensor, i: number): Tensor =>
    attentionBlock(weights, (names[i] as string).replace(/resblk$/, "attn"), y, buckets);
  const kept = recompute ? checkpoint : <F>(part: F): F => part;
  const block = (y: Tensor, i: number): Tensor => {
    const heard = kept(residual)(y, i);
    return i < withAttention ? kept(attention)(heard, i) : heard;
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
