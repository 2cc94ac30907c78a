import {
  add,
  attention,
  channelGroups,
  groupNorm,
  linear,
  reshape,
  ShapeError,
  slice,
  split,
  squeeze,
  type Tensor,
  transpose,
  type Weights,
} from "@hawksbill/core";
import { melBands } from "./config.js";
import { namedWeight } from "./named-weight.js";

// B clips, C channels, T frames, H heads, d channels of a head.

/**
 * The voice of each clip as one vector: what attention over all frames leaves in the first one.
 *
 * Every frame counts, so cut the clips of a batch to one length instead of padding them.
 *
 * @param mel [clips, bands = 80, frames].
 * @param options.heads Attention heads.
 * @returns [clips, dim].
 */
export function conditioningEncoder(
  weights: Weights,
  mel: Tensor,
  options: { readonly heads: number; readonly blocks: number },
): Tensor {
  if (mel.rank !== 3 || mel.shape[1] !== melBands)
    throw new ShapeError(
      `conditioningEncoder: mel is [${mel.shape}]; give [clips, ${melBands}, frames]`,
    );
  let x = pointwise(weights, "conditioning_encoder.init", transpose(mel, [0, 2, 1])); // [B, T, C]
  for (let i = 0; i < options.blocks; i++) {
    // Only the first frame of the last block is read.
    const frames = i === options.blocks - 1 ? 1 : (x.shape[1] ?? 1);
    x = attentionBlock(weights, `conditioning_encoder.attn.${i}`, x, {
      heads: options.heads,
      frames,
    });
  }
  return squeeze(slice(x, { axis: 1, end: 1 }), 1);
}

/** x + attention of its normalised frames, for the first `frames` of them. @param x [B, T, C]. @returns [B, frames, C]. */
function attentionBlock(
  weights: Weights,
  name: string,
  x: Tensor,
  { heads, frames }: { readonly heads: number; readonly frames: number },
): Tensor {
  const [B = 1, T = 1, C = 1] = x.shape;
  const normal = groupNorm(
    transpose(x, [0, 2, 1]),
    channelGroups(C),
    namedWeight(weights, `${name}.norm.weight`),
    namedWeight(weights, `${name}.norm.bias`),
  );
  const qkv = pointwise(weights, `${name}.qkv`, transpose(normal, [0, 2, 1])); // [B, T, 3 C], the heads outermost
  const apart = transpose(reshape(qkv, [B, T, heads, 3, C / heads]), [3, 0, 2, 1, 4]);
  const [q, k, v] = split(apart, 3, 0).map((part) => squeeze(part, 0)) as [Tensor, Tensor, Tensor]; // [B, H, T, d]
  const found = attention(slice(q, { axis: 2, end: frames }), k, v); // [B, H, frames, d]
  const heard = reshape(transpose(found, [0, 2, 1, 3]), [B, frames, C]);
  return add(slice(x, { axis: 1, end: frames }), pointwise(weights, `${name}.proj_out`, heard));
}

/** A convolution with a kernel of one frame. @param x [B, T, C]. */
function pointwise(weights: Weights, name: string, x: Tensor): Tensor {
  const weight = squeeze(namedWeight(weights, `${name}.weight`), 2); // [outputs, C]
  return linear(x, weight, namedWeight(weights, `${name}.bias`));
}
