import { add, mul, reshape, silu, split, type Tensor, type Weights } from "@hawksbill/core";
import { convolution, normalise } from "./layers.js";

/**
 * x + what two convolutions make of it, at a point of time of the diffusion.
 *
 * @param x [batch, channels, time].
 * @param modulation Scale and shift, [batch or 1, 2 · channels], of this block's `emb_layers`.
 */
export function residualBlock(
  weights: Weights,
  name: string,
  x: Tensor,
  modulation: Tensor,
): Tensor {
  const h = convolution(
    weights,
    `${name}.in_layers.2`,
    silu(normalise(weights, `${name}.in_layers.0`, x)),
  );
  const normal = scaleAndShift(normalise(weights, `${name}.out_layers.0`, h), modulation);
  return add(x, convolution(weights, `${name}.out_layers.3`, silu(normal)));
}

/** x · (1 + scale) + shift, both by channel. @param x [B, C, T]. @param both [B or 1, 2 C], scale first. */
export function scaleAndShift(x: Tensor, both: Tensor): Tensor {
  const columns = reshape(both, [both.shape[0] ?? 1, -1, 1]);
  const [scale, shift] = split(columns, 2, 1) as [Tensor, Tensor];
  return add(mul(x, add(scale, 1)), shift);
}
