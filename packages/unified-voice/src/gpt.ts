import {
  add,
  attention,
  checkpoint,
  gelu,
  layerNorm,
  matmul,
  reshape,
  ShapeError,
  split,
  squeeze,
  subtree,
  type Tensor,
  transpose,
  type Weights,
} from "@hawksbill/core";
import { namedWeight } from "./named-weight.js";

// B rows of a batch, T positions, D width, H heads, d width of a head.

export interface GptOptions {
  readonly layers: number;
  readonly heads: number;
  /** Compute each block again in the backward pass instead of keeping its inner values; default false. */
  readonly checkpointing?: boolean;
}

/**
 * GPT-2 without its own embeddings, then TorToiSe's second norm: the state that predicts the next token.
 *
 * Attention is causal, so what follows a position cannot change it: padding belongs at the end.
 *
 * @param x Embeddings with their positions added, [batch, positions, dim].
 * @returns [batch, positions, dim].
 */
export function gpt(weights: Weights, x: Tensor, options: GptOptions): Tensor {
  const { layers, heads, checkpointing = false } = options;
  if (x.rank !== 3 || (x.shape[2] ?? 0) % heads !== 0)
    throw new ShapeError(
      `gpt: embeddings are [${x.shape}]; give [batch, positions, dim] with a dim that ${heads} heads divide`,
    );
  const run = checkpointing ? checkpoint(block) : block;
  let y = x;
  for (let i = 0; i < layers; i++) y = run(subtree(weights, `gpt.h.${i}`), y, heads);
  return finalNorms(weights, y);
}

/** GPT-2's last norm and TorToiSe's own after it. */
export function finalNorms(weights: Weights, x: Tensor): Tensor {
  return norm(weights, "final_norm", norm(weights, "gpt.ln_f", x));
}

/** One transformer block with causal attention. @param weights Those below `gpt.h.N`. */
function block(weights: Weights, x: Tensor, heads: number): Tensor {
  const { q, k, v } = queriesKeysValues(weights, x, heads);
  return feedForward(weights, addHeads(weights, x, attention(q, k, v, { causal: true })));
}

/** The three inputs of a block's attention, [B, H, T, d] each. */
export function queriesKeysValues(
  weights: Weights,
  x: Tensor,
  heads: number,
): { q: Tensor; k: Tensor; v: Tensor } {
  const [B = 1, T = 1, D = 1] = x.shape;
  const qkv = project(weights, "attn.c_attn", norm(weights, "ln_1", x)); // [B, T, 3 D]
  const apart = transpose(reshape(qkv, [B, T, 3, heads, D / heads]), [2, 0, 3, 1, 4]);
  const [q, k, v] = split(apart, 3, 0).map((part) => squeeze(part, 0)) as [Tensor, Tensor, Tensor];
  return { q, k, v };
}

/** x + what the heads found. @param found [B, H, T, d]. */
export function addHeads(weights: Weights, x: Tensor, found: Tensor): Tensor {
  const joined = reshape(transpose(found, [0, 2, 1, 3]), x.shape); // [B, T, D]
  return add(x, project(weights, "attn.c_proj", joined));
}

/** x + the block's two-layer network. */
export function feedForward(weights: Weights, x: Tensor): Tensor {
  const inner = gelu(project(weights, "mlp.c_fc", norm(weights, "ln_2", x)), "tanh"); // [B, T, 4 D]
  return add(x, project(weights, "mlp.c_proj", inner));
}

function norm(weights: Weights, name: string, x: Tensor): Tensor {
  return layerNorm(x, namedWeight(weights, `${name}.weight`), namedWeight(weights, `${name}.bias`));
}

/** x · W + b with W as [in, out]: GPT-2 stores its matrices so. */
function project(weights: Weights, name: string, x: Tensor): Tensor {
  const product = matmul(x, namedWeight(weights, `${name}.weight`));
  return add(product, namedWeight(weights, `${name}.bias`));
}
