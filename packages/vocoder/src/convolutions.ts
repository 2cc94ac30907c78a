import { weightFinder } from "@hawksbill/checkpoint";
import {
  concat,
  conv1d,
  expand,
  pad,
  reshape,
  slice,
  split,
  type Tensor,
  transpose,
  type Weights,
} from "@hawksbill/core";

export const namedWeight = weightFinder("vocoder weights");

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
  const weight = namedWeight(weights, `${name}.weight`);
  const padding = (dilation * ((weight.shape[2] ?? 1) - 1)) / 2;
  return conv1d(x, weight, namedWeight(weights, `${name}.bias`), { padding, dilation });
}

/** A convolution that keeps the length, the signal mirrored beyond the ends. */
export function mirrorConv(weights: Weights, name: string, x: Tensor): Tensor {
  const weight = namedWeight(weights, `${name}.weight`);
  const half = ((weight.shape[2] ?? 1) - 1) / 2;
  const mirrored = padTime(x, [half, half], { mode: "reflect" });
  return conv1d(mirrored, weight, namedWeight(weights, `${name}.bias`));
}

/**
 * A transposed convolution to `stride` times the length, with a kernel twice as wide.
 *
 * Each sample then is made of two neighbours, by a kernel for each of the `stride` places between them: so it is computed
 * as a convolution of two positions with `stride` times the outputs, which ONNX Runtime does several times faster.
 */
export function lengthened(weights: Weights, name: string, x: Tensor, stride: number): Tensor {
  const [weight, bias] = [
    namedWeight(weights, `${name}.weight`),
    namedWeight(weights, `${name}.bias`),
  ];
  const [B = 1, C = 1, T = 1] = x.shape;
  const O = bias.size;
  // [C, O, kernel] as [O · places, C, 2], the part for the later neighbour behind.
  const parts = split(reshape(weight, [C, O, 2, stride]), 2, 2).reverse();
  const kernel = reshape(transpose(concat(parts, 2), [1, 3, 0, 2]), [O * stride, C, 2]);
  const biases = reshape(expand(reshape(bias, [O, 1]), [O, stride]), [O * stride]);
  const between = reshape(conv1d(x, kernel, biases, { padding: 1 }), [B, O, stride, T + 1]);
  const samples = reshape(transpose(between), [B, O, (T + 1) * stride]);
  const start = Math.ceil(stride / 2);
  return slice(samples, { axis: 2, start, end: start + T * stride });
}
