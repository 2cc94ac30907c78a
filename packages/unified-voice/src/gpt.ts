import {
  add,
  attention,
  checkpoint,
  dropout,
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
  /** Only in training; default none. */
  readonly dropout?: Dropout;
  /** Compute each block again in the backward pass instead of keeping its inner values; default false. */
  readonly checkpointing?: boolean;
}

/** GPT-2's dropout with its random numbers, which are inputs of the program so that runs repeat. */
export interface Dropout {
  /** Share of the values set to 0; GPT-2's is 0.1. */
  readonly rate: number;
  /** See `dropoutNoise`. */
  readonly noise: DropoutNoise;
}

/** Uniform numbers in [0, 1). */
export interface DropoutNoise {
  readonly embeddings: Tensor; // [B, T, D]
  readonly blocks: readonly {
    readonly attention: Tensor; // [B, H, T, T]
    readonly found: Tensor; // [B, T, D]
    readonly inner: Tensor; // [B, T, D]
  }[];
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
  const { rate = 0, noise } = options.dropout ?? {};
  let y = dropout(x, rate, noise?.embeddings);
  for (let i = 0; i < layers; i++)
    y = run(subtree(weights, `gpt.h.${i}`), y, { heads, rate, noise: noise?.blocks[i] });
  return finalNorms(weights, y);
}

/** GPT-2's last norm and TorToiSe's own after it. */
export function finalNorms(weights: Weights, x: Tensor): Tensor {
  return norm(weights, "final_norm", norm(weights, "gpt.ln_f", x));
}

/** One transformer block with causal attention. @param weights Those below `gpt.h.N`. */
export function block(
  weights: Weights,
  x: Tensor,
  options: { heads: number; rate?: number; noise?: DropoutNoise["blocks"][number] | undefined },
): Tensor {
  const { heads, rate = 0, noise } = options;
  const { q, k, v } = queriesKeysValues(weights, x, heads);
  const found = attention(q, k, v, {
    causal: true,
    ...(noise ? { dropout: { rate, uniform: noise.attention } } : {}),
  });
  const y = add(x, dropout(joinHeads(weights, found), rate, noise?.found));
  return add(y, dropout(feedForward(weights, y), rate, noise?.inner));
}

/** The three inputs of a block's attention, [B, H, T, d] each. */
function queriesKeysValues(
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

/** What the heads found, as one vector a position. @param found [B, H, T, d]. @returns [B, T, D]. */
export function joinHeads(weights: Weights, found: Tensor): Tensor {
  const [B = 1, H = 1, T = 1, d = 1] = found.shape;
  const joined = reshape(transpose(found, [0, 2, 1, 3]), [B, T, H * d]);
  return project(weights, "attn.c_proj", joined);
}

/** The block's two-layer network. @returns [B, T, D]. */
export function feedForward(weights: Weights, x: Tensor): Tensor {
  const inner = gelu(project(weights, "mlp.c_fc", norm(weights, "ln_2", x)), "tanh"); // [B, T, 4 D]
  return project(weights, "mlp.c_proj", inner);
}

export function norm(weights: Weights, name: string, x: Tensor): Tensor {
  return layerNorm(x, namedWeight(weights, `${name}.weight`), namedWeight(weights, `${name}.bias`));
}

/** x · W + b with W as [in, out]: GPT-2 stores its matrices so. */
export function project(weights: Weights, name: string, x: Tensor): Tensor {
  const product = matmul(x, namedWeight(weights, `${name}.weight`));
  return add(product, namedWeight(weights, `${name}.bias`));
}
