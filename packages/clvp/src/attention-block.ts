import {
  add,
  attention,
  channelGroups,
  conv1d,
  groupNorm,
  reshape,
  split,
  type Tensor,
  transpose,
  type Weights,
} from "@hawksbill/core";
import { namedWeight } from "./named-weight.js";

// B batch, C channels, T positions, H heads, d channels of a head.

/** x + attention of its normalised positions. @param x [B, C, T]. */
export function attentionBlock(weights: Weights, name: string, x: Tensor, heads: number): Tensor {
  const [B = 1, C = 1, T = 1] = x.shape;
  const qkv = convolution(weights, `${name}.qkv`, normalised(weights, `${name}.norm`, x));
  // Channels are head by head: q, k and v of the first, then of the second, …
  const [q, k, v] = split(reshape(qkv, [B, heads, 3 * (C / heads), T]), 3, 2).map((part) =>
    transpose(part),
  ) as [Tensor, Tensor, Tensor]; // [B, H, T, d]
  const heard = reshape(transpose(attention(q, k, v)), [B, C, T]);
  return add(x, convolution(weights, `${name}.proj_out`, heard));
}

/** Groups of channels brought to mean 0 and variance 1. @param x [B, C, T]. */
export function normalised(weights: Weights, name: string, x: Tensor): Tensor {
  return groupNorm(
    x,
    channelGroups(x.shape[1] ?? 1),
    namedWeight(weights, `${name}.weight`),
    namedWeight(weights, `${name}.bias`),
  );
}

/** A convolution with bias. @param x [B, C, T]. */
export function convolution(
  weights: Weights,
  name: string,
  x: Tensor,
  options: { readonly stride?: number; readonly padding?: number } = {},
): Tensor {
  const weight = namedWeight(weights, `${name}.weight`);
  return conv1d(x, weight, namedWeight(weights, `${name}.bias`), options);
}
