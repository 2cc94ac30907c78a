import { div, mul, reshape, sqrt, square, sum, type Tensor, type Weights } from "@hawksbill/core";

/** How PyTorch names the length and the direction of a normalised weight: of old, and since 2.0. */
const namings = [
  { length: "weight_g", direction: "weight_v" },
  { length: "parametrizations.weight.original0", direction: "parametrizations.weight.original1" },
] as const;

/**
 * Weights without weight normalisation: each pair of length g and direction v becomes g · v / |v|, with one length
 * for each index of the first axis (an input channel in a transposed convolution). Others stay as they are.
 *
 * Inside `compile` it is part of the program, so that training moves g and v.
 */
export function foldWeightNorm(weights: Weights): Weights {
  return Object.fromEntries(
    Object.entries(weights).flatMap(([name, x]) => {
      for (const { length, direction } of namings) {
        if (name.endsWith(`.${length}`)) return [];
        const layer = name.slice(0, -direction.length);
        const g = name.endsWith(`.${direction}`) ? weights[`${layer}${length}`] : undefined;
        if (g) return [[`${layer}weight`, folded(g, x)]];
      }
      return [[name, x]];
    }),
  );
}

function folded(g: Tensor, v: Tensor): Tensor {
  const axes = v.shape.map((_, axis) => axis).slice(1);
  const size = sqrt(sum(square(v), axes, { keepDims: true }));
  return mul(v, div(reshape(g, size.shape), size));
}
