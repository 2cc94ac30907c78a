import {
  add,
  groupNorm,
  matmul,
  mul,
  reshape,
  ShapeError,
  slice,
  softmax,
  split,
  squeeze,
  type Tensor,
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
  let x = pointwise(weights, "conditioning_encoder.init", mel); // [B, C, T]
  for (let i = 0; i < options.blocks; i++) {
    // Only the first frame of the last block is read.
    const frames = i === options.blocks - 1 ? 1 : (x.shape[2] ?? 1);
    x = attentionBlock(weights, `conditioning_encoder.attn.${i}`, x, {
      heads: options.heads,
      frames,
    });
  }
  return squeeze(slice(x, { axis: 2, end: 1 }), 2);
}

/** x + attention of its normalised frames, for the first `frames` of them. @returns [B, C, frames]. */
function attentionBlock(
  weights: Weights,
  name: string,
  x: Tensor,
  { heads, frames }: { readonly heads: number; readonly frames: number },
): Tensor {
  const [B = 1, C = 1] = x.shape;
  const normal = groupNorm(
    x,
    groupsFor(C),
    namedWeight(weights, `${name}.norm.weight`),
    namedWeight(weights, `${name}.norm.bias`),
  );
  const qkv = pointwise(weights, `${name}.qkv`, normal); // [B, 3 C, T], the heads outermost
  const [q, k, v] = split(reshape(qkv, [B, heads, (3 * C) / heads, -1]), 3, 2) as [
    Tensor,
    Tensor,
    Tensor,
  ]; // [B, H, d, T]
  const query = mul(slice(q, { axis: 3, end: frames }), 1 / Math.sqrt(C / heads));
  const shares = softmax(matmul(query, k, { transposeA: true })); // [B, H, frames, T]
  const heard = reshape(matmul(v, shares, { transposeB: true }), [B, C, frames]);
  return add(slice(x, { axis: 2, end: frames }), pointwise(weights, `${name}.proj_out`, heard));
}

/** A convolution with a kernel of one frame. @param x [B, C, T]. */
function pointwise(weights: Weights, name: string, x: Tensor): Tensor {
  const weight = squeeze(namedWeight(weights, `${name}.weight`), 2); // [outputs, C]
  const bias = namedWeight(weights, `${name}.bias`);
  return add(matmul(weight, x), reshape(bias, [-1, 1]));
}

/** Groups that TorToiSe normalises channels in: 32 (fewer for few channels), halved until they divide them. */
function groupsFor(channels: number): number {
  let groups = channels <= 16 ? 8 : channels <= 64 ? 16 : 32;
  while (channels % groups !== 0) groups /= 2;
  return groups;
}
