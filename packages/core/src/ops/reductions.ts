import { type Op, operator } from "../graph.js";
import { resolveAxis, type Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { exp, log, neg, requireFloat, sub } from "./arithmetic.js";
import { reshape } from "./layout.js";
import { stopGradient } from "./rewire.js";

/** Axes to reduce: one, several, or (undefined) all. */
type Axes = number | readonly number[] | undefined;
interface KeepDims {
  /** Keep reduced axes with length 1; default false. */
  readonly keepDims?: boolean;
}

function reduce(
  op: Extract<Op, `Reduce${string}`>,
  x: Tensor,
  axes: Axes,
  { keepDims = false }: KeepDims,
): Tensor {
  const list = axes === undefined ? x.shape.map((_, i) => i) : [axes].flat();
  const resolved = list.map((axis) => resolveAxis(op, axis, x.shape)).sort((a, b) => a - b);
  const kept = x.shape.map((n, i) => (resolved.includes(i) ? 1 : n));
  const y = resolved.length === 0 ? x : operator(op, [x], { axes: resolved }, x.dtype, kept);
  return keepDims
    ? y
    : reshape(
        y,
        x.shape.filter((_, i) => !resolved.includes(i)),
      );
}

/** Sum along axes (default all). */
export const sum = (x: Tensor, axes?: Axes, options: KeepDims = {}): Tensor =>
  reduce("ReduceSum", x, axes, options);
/** Mean along axes (default all). */
export const mean = (x: Tensor, axes?: Axes, options: KeepDims = {}): Tensor =>
  reduce("ReduceMean", x, axes, options);
/** Largest element along axes (default all); equals share the gradient. */
export const max = (x: Tensor, axes?: Axes, options: KeepDims = {}): Tensor =>
  reduce("ReduceMax", x, axes, options);
/** Smallest element along axes (default all); equals share the gradient. */
export const min = (x: Tensor, axes?: Axes, options: KeepDims = {}): Tensor =>
  neg(max(neg(x), axes, options));

/** Running sum along an axis. */
export function cumsum(x: Tensor, axis: number): Tensor {
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
