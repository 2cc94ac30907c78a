import { literal } from "../create-tensor.js";
import { type Op, operator } from "../graph.js";
import { requireFloat, requireNumber } from "../operands.js";
import { lengthOf, resolveAxis, type Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { cast, equal, exp, log, neg, sub, where } from "./arithmetic.js";
import { reshape } from "./layout.js";
import { stopGradient } from "./rewire.js";

/** Axes to reduce: one, several, or (undefined) all. */
type Axes = number | readonly number[] | undefined;
interface KeepDims {
  /** Keep reduced axes with length 1; default false. */
  readonly keepDims?: boolean;
}

function reduce(
  name: string,
  op: Extract<Op, `Reduce${string}`>,
  x: Tensor,
  axes: Axes,
  { keepDims = false }: KeepDims,
): Tensor {
  requireNumber(name, x);
  const list = axes === undefined ? x.shape.map((_, i) => i) : [axes].flat();
  const reduced = new Set(list.map((axis) => resolveAxis(name, axis, x.shape)));
  const kept = x.shape.map((n, i) => (reduced.has(i) ? 1 : n));
  const sorted = [...reduced].sort((a, b) => a - b);
  const y = sorted.length === 0 ? x : operator(op, [x], { axes: sorted }, x.dtype, kept);
  return keepDims
    ? y
    : reshape(
        y,
        x.shape.filter((_, i) => !reduced.has(i)),
      );
}

/** Sum along axes (default all). */
export function sum(x: Tensor, axes?: Axes, options: KeepDims = {}): Tensor {
  return reduce("sum", "ReduceSum", x, axes, options);
}

/** Mean along axes (default all). */
export function mean(x: Tensor, axes?: Axes, options: KeepDims = {}): Tensor {
  requireFloat("mean", x);
  return reduce("mean", "ReduceMean", x, axes, options);
}

/** Largest element along axes (default all); equals share the gradient. */
export function max(x: Tensor, axes?: Axes, options: KeepDims = {}): Tensor {
  return reduce("max", "ReduceMax", x, axes, options);
}

/** Index of the largest element along an axis (the first of equals), as int32, without that axis. */
export function argmax(x: Tensor, axis: number): Tensor {
  const i = resolveAxis("argmax", axis, x.shape);
  // ONNX's ArgMax gives int64, which WebGPU cannot cast. Those of the largest that come first rank highest.
  const last = lengthOf(x.shape, i) - 1;
  const ranks = literal(Float32Array.from({ length: last + 1 }, (_, k) => last - k));
  const along = reshape(ranks, [-1, ...x.shape.slice(i + 1).map(() => 1)]);
  const isLargest = equal(x, max(x, i, { keepDims: true }));
  return cast(sub(last, max(where(isLargest, along, 0), i)), "int32");
}

/** Smallest element along axes (default all); equals share the gradient. */
export function min(x: Tensor, axes?: Axes, options: KeepDims = {}): Tensor {
  requireNumber("min", x);
  return neg(max(neg(x), axes, options));
}

/** Running sum along an axis. */
export function cumsum(x: Tensor, axis: number): Tensor {
  requireNumber("cumsum", x);
  const i = resolveAxis("cumsum", axis, x.shape);
  return operator("CumSum", [x], { axis: i, reverse: false }, x.dtype, x.shape);
}

/** e^x / Σ e^x along an axis. */
export function softmax(x: Tensor, axis = -1): Tensor {
  requireFloat("softmax", x);
  const i = resolveAxis("softmax", axis, x.shape);
  return operator("Softmax", [x], { axis: i }, x.dtype, x.shape);
}

/** log(softmax(x)) without overflow. ONNX's LogSoftmax is not on every device. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  requireFloat("logSoftmax", x);
  const shifted = sub(x, stopGradient(max(x, axis, { keepDims: true })));
  return sub(shifted, log(sum(exp(shifted), axis, { keepDims: true })));
}

/** The sum of `x` over whatever broadcasting repeated, so that it has `shape` again. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  const lead = x.rank - shape.length;
  const axes = x.shape.flatMap((n, i) =>
    i < lead || (shape[i - lead] === 1 && n !== 1) ? [i] : [],
  );
  return reshape(sum(x, axes, { keepDims: true }), shape);
}
