import {
  add,
  div,
  exp,
  matmul,
  max,
  maximum,
  mul,
  reshape,
  split,
  sub,
  subtree,
  sum,
  type Tensor,
  transpose,
  type Weights,
} from "@hawksbill/core";
import type { LayerCache } from "./cache.js";
import type { UnifiedVoiceConfig } from "./config.js";
import { feedForward, finalNorms, joinHeads, norm, project } from "./gpt.js";
import { head } from "./training-losses.js";

// B rows, T new positions, S places of the cache, L layers, D width, H heads, d width of a head.

/** New positions, and what they may see. */
export interface Extension {
  /** Embeddings with their positions added. */
  readonly x: Tensor; // [B, T, D]
  /** Added to the logits of the cache's places. */
  readonly seen: Tensor; // [B, 1, 1, S]
  /** Added to the logits of the new positions. */
  readonly causal: Tensor; // [T, T]
}

/** What new positions give. */
export interface Extended {
  readonly logits: Tensor; // [B, T, melCodes]
  readonly latents: Tensor; // [B, T, D]
  /** Key and value of the new positions, those of each layer in turn. */
  readonly columns: readonly Tensor[]; // [B, H, T, d] each
}

/**
 * GPT-2 over new positions behind those of a cache, for use inside `compile`. No operator holds B, T or S, so that one
 * program serves all of them, the reading of prompts and the steps of any number of rows.
 */
export function extend(
  weights: Weights,
  cache: readonly LayerCache[],
  { x, seen, causal }: Extension,
  { heads }: Pick<UnifiedVoiceConfig, "heads">,
): Extended {
  const columns: Tensor[] = [];
  const states = cache.reduce((y, past, i) => {
    const block = subtree(weights, `gpt.h.${i}`);
    const [q, k, v] = heard(block, y, heads);
    columns.push(k, v);
    const found = cachedAttention({ q, k, v }, past, { seen, causal });
    const z = add(y, joinHeads(block, found));
    return add(z, feedForward(block, z));
  }, x);
  const latents = finalNorms(weights, states);
  return { logits: head(weights, "mel_head", latents), latents, columns };
}

/** Query, divided by √d, key and value of each head, [B, H, T, d] each. */
function heard(block: Weights, x: Tensor, heads: number): [Tensor, Tensor, Tensor] {
  const [B = 1, T = 1, D = 1] = x.shape;
  const qkv = project(block, "attn.c_attn", norm(block, "ln_1", x)); // [B, T, 3 D]
  const [q, k, v] = split(qkv, 3, -1) as [Tensor, Tensor, Tensor];
  // Here and not beside the product of queries and keys: ONNX Runtime would fuse the two into an operator that copies
  // the keys of every row into another order first.
  const scaled = mul(q, Math.sqrt(heads / D));
  return [scaled, k, v].map((part) =>
    transpose(reshape(part, [B, T, heads, D / heads]), [0, 2, 1, 3]),
  ) as [Tensor, Tensor, Tensor];
}

/**
 * Softmax over the cache's places and the new positions, without joining the two: that would copy the cache.
 *
 * @returns [B, H, T, d].
 */
function cachedAttention(
  { q, k, v }: { readonly q: Tensor; readonly k: Tensor; readonly v: Tensor },
  past: LayerCache,
  { seen, causal }: Pick<Extension, "seen" | "causal">,
): Tensor {
  const before = add(matmul(q, past.key, { transposeB: true }), seen); // [B, H, T, S]
  const now = add(matmul(q, k, { transposeB: true }), causal); // [B, H, T, T]
  const top = maximum(max(before, -1, { keepDims: true }), max(now, -1, { keepDims: true }));
  const [old, young] = [exp(sub(before, top)), exp(sub(now, top))];
  const total = add(sum(old, -1, { keepDims: true }), sum(young, -1, { keepDims: true }));
  return div(add(matmul(old, past.value), matmul(young, v)), total);
}
