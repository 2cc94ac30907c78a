import {
  add,
  attention,
  concat,
  div,
  gelu,
  layerNorm,
  linear,
  literal,
  maximum,
  mean,
  mul,
  reshape,
  split,
  sqrt,
  square,
  sub,
  type Tensor,
  transpose,
  type Weights,
} from "@hawksbill/core";
import { namedWeight } from "./named-weight.js";

// B batch, T positions, D width, H heads, d = 64 channels of a head.

/** Channels of a head, and how many of them the position turns; no setting changes them. */
const headDim = 64;
const rotaryDim = 32;

/** Sizes of a transformer encoder that running it asks for. */
interface EncoderSizes {
  /** Pairs of attention and feed-forward. */
  readonly depth: number;
  /** Attention heads of 64 channels each. */
  readonly heads: number;
}

/** Where an encoder's tensors are among a model's. */
export interface EncoderPlace {
  readonly name: string;
  /** Before the names of each part: CLVP wraps them for checkpointing, CVVP does not. */
  readonly wrapping: "wrap." | "";
}

/**
 * A transformer over all positions at once: root-mean-square norms before each part, rotary positions on
 * queries, keys and values, gated feed-forward, and a layer norm behind.
 *
 * @param x [B, T, D].
 * @param rotation `rotations(T)`; given as a program's input, the program holds no length.
 * @returns [B, T, D].
 * @see "Encoder" of lucidrains/x-transformers 0.x with use_rmsnorm, rotary_pos_emb and ff_glu
 */
export function encoder(
  weights: Weights,
  { name, wrapping }: EncoderPlace,
  { depth, heads }: EncoderSizes,
  x: Tensor,
  rotation = rotations(x.shape[1] ?? 0),
): Tensor {
  let h = x;
  for (let i = 0; i < depth; i++) {
    const at = (index: number): string => `${name}.attn_layers.layers.${index}`;
    const heard = rmsNorm(h, namedWeight(weights, `${at(2 * i)}.0.0.g`));
    h = add(h, selfAttention(weights, `${at(2 * i)}.1.${wrapping}`, heard, { heads, rotation }));
    const thought = rmsNorm(h, namedWeight(weights, `${at(2 * i + 1)}.0.0.g`));
    h = add(h, feedForward(weights, `${at(2 * i + 1)}.1.${wrapping}net`, thought));
  }
  return layerNorm(
    h,
    namedWeight(weights, `${name}.norm.weight`),
    namedWeight(weights, `${name}.norm.bias`),
  );
}

/** x / max(root mean square, 1e-8) · g. The core's has its epsilon inside the root. */
function rmsNorm(x: Tensor, g: Tensor): Tensor {
  const size = sqrt(mean(square(x), -1, { keepDims: true }));
  return mul(div(x, maximum(size, 1e-8)), g);
}

/** How each position turns channels. */
export interface Rotation {
  readonly cosine: Tensor; // [T, 16]
  readonly sine: Tensor; // [T, 16]
}

/** Cosines and sines of float32 angles, as PyTorch has them; a GPU's own are good to three digits only. */
export function rotations(positions: number): Rotation {
  const half = rotaryDim / 2;
  const angles = Float32Array.from({ length: positions * half }, (_, i) => {
    const frequency = Math.fround(10_000 ** (-(i % half) / half)); // What the checkpoint has as inv_freq.
    return Math.floor(i / half) * frequency;
  });
  const shape = [positions, half];
  return {
    cosine: literal(angles.map(Math.cos), { shape }),
    sine: literal(angles.map(Math.sin), { shape }),
  };
}

/** Turns channels i and 16 + i of each head by the position's angles; those from 32 on stay. @param x [B, H, T, d]. */
function rotate(x: Tensor, { cosine, sine }: Rotation): Tensor {
  const half = rotaryDim / 2;
  const [a, b, rest] = split(x, [half, half, headDim - rotaryDim], 3) as [Tensor, Tensor, Tensor];
  return concat([sub(mul(a, cosine), mul(b, sine)), add(mul(b, cosine), mul(a, sine)), rest], 3);
}

function selfAttention(
  weights: Weights,
  name: string,
  x: Tensor,
  { heads, rotation }: { readonly heads: number; readonly rotation: Rotation },
): Tensor {
  const [B = 1, T = 1] = x.shape;
  const [q, k, v] = ["to_q", "to_k", "to_v"].map((part) => {
    const all = linear(x, namedWeight(weights, `${name}${part}.weight`)); // [B, T, H d]
    // Values are rotated too, unlike in other models.
    return rotate(transpose(reshape(all, [B, T, heads, headDim]), [0, 2, 1, 3]), rotation);
  }) as [Tensor, Tensor, Tensor];
  const heard = transpose(attention(q, k, v), [0, 2, 1, 3]); // [B, T, H, d]
  return project(weights, `${name}to_out`, reshape(heard, [B, T, heads * headDim]));
}

function feedForward(weights: Weights, name: string, x: Tensor): Tensor {
  const [value, gate] = split(project(weights, `${name}.0.proj`, x), 2, 2) as [Tensor, Tensor];
  return project(weights, `${name}.3`, mul(value, gelu(gate, "exact")));
}

function project(weights: Weights, name: string, x: Tensor): Tensor {
  return linear(x, namedWeight(weights, `${name}.weight`), namedWeight(weights, `${name}.bias`));
}
