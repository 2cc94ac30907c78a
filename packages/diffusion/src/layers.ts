import { weightFinder } from "@hawksbill/checkpoint";
import {
  channelGroups,
  conv1d,
  groupNorm,
  linear,
  mean,
  reshape,
  sub,
  type Tensor,
  type Weights,
} from "@hawksbill/core";

export const namedWeight = weightFinder(
  "diffusion",
  "check the weights with inferDiffusionConfig(weights)",
);

/** A convolution over time by its name; a kernel of 3 is padded, so that without a stride the length stays. */
export function convolution(weights: Weights, name: string, x: Tensor, stride = 1): Tensor {
  const weight = namedWeight(weights, `${name}.weight`);
  const padding = ((weight.shape[2] ?? 1) - 1) / 2;
  return conv1d(x, weight, namedWeight(weights, `${name}.bias`), { stride, padding });
}

/** A fully connected layer by its name. */
export function fullyConnected(weights: Weights, name: string, x: Tensor): Tensor {
  return linear(x, namedWeight(weights, `${name}.weight`), namedWeight(weights, `${name}.bias`));
}

/**
 * A group norm by its name. Its groups run over all of time, so padding changes the result.
 *
 * @param x [batch, channels, time].
 */
export function normalise(weights: Weights, name: string, x: Tensor): Tensor {
  const weight = namedWeight(weights, `${name}.weight`);
  const bias = namedWeight(weights, `${name}.bias`);
  const groups = channelGroups(weight.size);
  // ONNX Runtime takes the variance as the difference of two means of squares, which of a group that is
  // nearly constant, as all are without speech, leaves 4 digits: so the mean goes first.
  const rows = reshape(x, [x.shape[0] ?? 1, groups, -1]);
  const centred = sub(rows, mean(rows, -1, { keepDims: true }));
  return groupNorm(reshape(centred, x.shape), groups, weight, bias);
}
