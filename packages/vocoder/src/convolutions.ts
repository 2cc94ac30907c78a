import { CheckpointError } from "@hawksbill/checkpoint";
import { conv1d, convTranspose1d, pad, type Tensor, type Weights } from "@hawksbill/core";

/** More samples before and after. @param x [B, C, T]. */
export function padTime(
  x: Tensor,
  [before, after]: readonly [number, number],
  options: { mode?: "reflect"; value?: number } = {},
): Tensor {
  return pad(
    x,
    [
      [0, 0],
      [0, 0],
      [before, after],
    ],
    options,
  );
}

/** A convolution that keeps the length, zeros beyond the ends. */
export function sameConv(weights: Weights, name: string, x: Tensor, dilation = 1): Tensor {
  const weight = weightOf(weights, `${name}.weight`);
  const padding = (dilation * ((weight.shape[2] ?? 1) - 1)) / 2;
  return conv1d(x, weight, weightOf(weights, `${name}.bias`), { padding, dilation });
}

/** A convolution that keeps the length, the signal mirrored beyond the ends. */
export function mirrorConv(weights: Weights, name: string, x: Tensor): Tensor {
  const weight = weightOf(weights, `${name}.weight`);
  const half = ((weight.shape[2] ?? 1) - 1) / 2;
  const mirrored = padTime(x, [half, half], { mode: "reflect" });
  return conv1d(mirrored, weight, weightOf(weights, `${name}.bias`));
}

/** A transposed convolution to `stride` times the length, with a kernel twice as wide. */
export function lengthened(weights: Weights, name: string, x: Tensor, stride: number): Tensor {
  const [weight, bias] = [weightOf(weights, `${name}.weight`), weightOf(weights, `${name}.bias`)];
  const padding = Math.ceil(stride / 2);
  return convTranspose1d(x, weight, bias, { stride, padding, outputPadding: stride % 2 });
}

/**
 * One tensor of a model.
 *
 * @throws {CheckpointError} There is none of this name.
 */
export function weightOf(weights: Weights, name: string): Tensor {
  const weight = weights[name];
  if (!weight)
    throw new CheckpointError("vocoder weights", "is missing; give all weights of the model", {
      tensor: name,
    });
  return weight;
}
