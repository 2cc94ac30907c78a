import type { TensorNames } from "../model-kind.js";
import { linear, type Multiple, norm, size, type TensorSpec, times } from "../tensor-spec.js";

/** Attention and feed-forward layers in turn. */
export interface EncoderSize {
  /** What its sizes are called: `<prefix>Heads`, `<prefix>Ff`. */
  readonly prefix: string;
  readonly width: Multiple;
  readonly depth: number;
  /** What is between a layer's number and its weights, e.g. "wrap." for checkpointing. */
  readonly wrap: string;
}

/** The x-transformers encoder of CLVP and CVVP: RMS norms, rotary positions, gated feed-forward. */
export function* transformerEncoder(
  name: string,
  { prefix, width, depth, wrap }: EncoderSize,
): Generator<TensorSpec, void> {
  const inner = times(64, size(`${prefix}Heads`));
  const ff = size(`${prefix}Ff`);
  for (let i = 0; i < depth; i++) {
    const attention = `${name}.attn_layers.layers.${2 * i}`;
    yield { name: `${attention}.0.0.g`, shape: [width] };
    for (const part of ["to_q", "to_k", "to_v"])
      yield { name: `${attention}.1.${wrap}${part}.weight`, shape: [inner, width] };
    yield* linear(`${attention}.1.${wrap}to_out`, inner, width);
    const feedForward = `${name}.attn_layers.layers.${2 * i + 1}`;
    yield { name: `${feedForward}.0.0.g`, shape: [width] };
    yield* linear(`${feedForward}.1.${wrap}net.0.proj`, width, times(2, ff));
    yield* linear(`${feedForward}.1.${wrap}net.3`, ff, width);
  }
  // Half of the positions' 32 dimensions, whatever the width.
  yield { name: `${name}.attn_layers.rotary_pos_emb.inv_freq`, shape: [16] };
  yield* norm(`${name}.norm`, width);
}

/** Pairs of an attention and a feed-forward layer. */
export function encoderDepth(names: TensorNames, name: string): number {
  const layers = new RegExp(`^${name}\\.attn_layers\\.layers\\.(\\d+)\\.`);
  return Math.ceil(names.count(layers) / 2);
}
