import { operatorOutputs } from "../graph.js";
import { requireFloat, requireSameDType } from "../operands.js";
import { lengthOf, ShapeError, sameShape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { add, div, mul, sqrt, square } from "./arithmetic.js";
import { constant, reshape } from "./layout.js";
import { mean } from "./reductions.js";

interface NormOptions {
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
}

/**
 * Each row (last axis) brought to mean 0 and variance 1, then scaled and shifted.
 *
 * @param weight [dim]. @param bias [dim].
 */
export function layerNorm(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  { epsilon = 1e-5 }: NormOptions = {},
): Tensor {
  requireDim("layerNorm", x, x.shape.at(-1), weight, bias);
  const axis = x.rank - 1;
  const row = { dtype: "float32", shape: x.shape.with(axis, 1) } as const; // Even of float16.
  const [y] = operatorOutputs("LayerNormalization", [x, weight, bias], { axis, epsilon }, [
    { dtype: x.dtype, shape: x.shape },
    row, // mean
    row, // 1 / standard deviation
  ]);
  return y as Tensor;
}

/**
 * Each group of channels (with all their positions) brought to mean 0 and variance 1, then scaled and
 * shifted by channel. Padding the positions changes the result.
 *
 * @param x [batch, channels, …positions].
 * @param weight [channels]. @param bias [channels].
 */
export function groupNorm(
  x: Tensor,
  groups: number,
  weight: Tensor,
  bias: Tensor,
  { epsilon = 1e-5 }: NormOptions = {},
): Tensor {
  const [B = 1, C = 1] = x.shape;
  requireDim("groupNorm", x, C, weight, bias);
  if (C % groups !== 0)
    throw new ShapeError(`groupNorm: ${C} channels of [${x.shape}] do not form ${groups} groups`);
  const rows = reshape(x, [B, groups, -1]);
  const length = lengthOf(rows.shape, -1);
  const like = { dtype: x.dtype, shape: [length] };
  const normal = reshape(
    layerNorm(rows, constant(1, like), constant(0, like), { epsilon }),
    x.shape,
  );
  const channel = [C, ...Array<number>(x.rank - 2).fill(1)];
  return add(mul(normal, reshape(weight, channel)), reshape(bias, channel));
}

/** Each row (last axis) divided by its root mean square, then scaled. @param weight [dim]. */
export function rmsNorm(x: Tensor, weight: Tensor, { epsilon = 1e-5 }: NormOptions = {}): Tensor {
  requireDim("rmsNorm", x, x.shape.at(-1), weight);
  return mul(div(x, sqrt(add(mean(square(x), -1, { keepDims: true }), epsilon))), weight);
}

function requireDim(op: string, x: Tensor, dim = 0, ...weights: readonly Tensor[]): void {
  requireFloat(op, x);
  requireSameDType(op, x, ...weights);
  for (const weight of weights)
    if (!sameShape(weight.shape, [dim]))
      throw new ShapeError(
        `${op}: input [${x.shape}] needs weight and bias [${dim}], got [${weight.shape}]`,
      );
}
