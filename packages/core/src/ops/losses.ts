import { literal } from "../create-tensor.js";
import { DTypeError } from "../dtype.js";
import { lengthOf, ShapeError, sameShape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { add, cast, div, greaterEqual, maximum, mul, neg, notEqual, where } from "./arithmetic.js";
import { takeAlong } from "./indexing.js";
import { reshape, squeeze, unsqueeze } from "./layout.js";
import { logSoftmax, mean, sum } from "./reductions.js";

export interface CrossEntropyOptions {
  /** Targets of this value count for nothing; default none. */
  readonly ignoreIndex?: number;
  /** Share of the target's probability spread over all classes, 0 to 1; default 0. */
  readonly labelSmoothing?: number;
  /** "mean" over the targets that count (default), "sum", or "none": one loss a target. */
  readonly reduction?: "mean" | "sum" | "none";
}

/**
 * -log of the probability that softmax(logits) gives to the target, as `torch.nn.CrossEntropyLoss`.
 * With every target ignored the mean is 0, where PyTorch gives NaN.
 *
 * @param logits [..., classes].
 * @param targets int32 [...], 0 to classes - 1.
 */
export function crossEntropy(
  logits: Tensor,
  targets: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  const { ignoreIndex, labelSmoothing = 0, reduction = "mean" } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new RangeError(`crossEntropy: labelSmoothing is ${labelSmoothing}; give 0 to 1`);
  if (!sameShape(logits.shape.slice(0, -1), targets.shape))
    throw new ShapeError(
      `crossEntropy: logits [${logits.shape}] need targets [${logits.shape.slice(0, -1)}], got [${targets.shape}]; classes are the last axis`,
    );
  if (targets.dtype !== "int32")
    throw new DTypeError(`crossEntropy: targets are ${targets}; give int32, e.g. cast(x, "int32")`);
  const classes = lengthOf(logits.shape, -1);
  const logP = logSoftmax(reshape(logits, [-1, classes])); // [N, classes]
  const flat = reshape(targets, [-1]);
  const counted = ignoreIndex === undefined ? undefined : notEqual(flat, ignoreIndex);
  const safe = counted ? where(counted, flat, 0) : flat;
  let losses = neg(squeeze(takeAlong(logP, unsqueeze(safe, -1), 1), -1)); // [N]
  if (labelSmoothing > 0)
    losses = add(mul(losses, 1 - labelSmoothing), mul(mean(logP, -1), -labelSmoothing));
  if (counted) losses = where(counted, losses, 0);
  if (reduction === "none") return reshape(losses, targets.shape);
  if (reduction === "sum") return sum(losses);
  if (!counted) return mean(losses);
  return div(sum(losses), maximum(sum(cast(counted, logits.dtype)), 1));
}

/**
 * Sets a share of the elements to 0 and scales the others to keep the mean.
 *
 * @param rate Probability of 0, from 0 up to, not including, 1.
 * @param uniform Random numbers in [0, 1) of x's shape: randomness is an input, so that runs repeat.
 *   Undefined: no dropout.
 */
export function dropout(x: Tensor, rate: number, uniform: Tensor | undefined): Tensor {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`dropout: rate is ${rate}; give 0 to below 1`);
  if (rate === 0 || !uniform) return x;
  if (!sameShape(x.shape, uniform.shape))
    throw new ShapeError(
      `dropout: x is [${x.shape}], the random numbers [${uniform.shape}]; give one for each element`,
    );
  const keep = greaterEqual(uniform, literal(rate, { dtype: uniform.dtype }));
  return mul(mul(x, cast(keep, x.dtype)), 1 / (1 - rate));
}
