import { literal } from "../create-tensor.js";
import { type DType, DTypeError } from "../dtype.js";
import { type Node, nodeOf, operator, operatorOutputs } from "../graph.js";
import { productOf, withProduct } from "../own-product.js";
import { lengthOf, resolveAxis, type Shape, ShapeError, sameShape, sizeOf } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { add, cast, mul, sub } from "./arithmetic.js";
import { gather } from "./indexing.js";

/**
 * The same elements, row-major, in another shape.
 *
 * @param shape One entry may be -1: it is worked out.
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = sizeOf(shape.map((n) => (n === -1 ? 1 : n)));
  const full = shape.map((n) => (n === -1 ? x.size / known : n));
  if (!full.every(Number.isInteger) || sizeOf(full) !== x.size)
    throw new ShapeError(
      `reshape: ${x} has ${x.size} elements, shape [${shape}] does not; give axes whose product is ${x.size}`,
    );
  if (sameShape(full, x.shape)) return x;
  if (x.size === 0) return constant(0, { dtype: x.dtype, shape: full }); // ONNX takes an axis of 0 for one that stays.
  // Leading axes that stay are written as 0, ONNX's sign for them, so that programs can be of any length.
  const changed = full.findIndex((n, i) => n !== x.shape[i]);
  const written = shape.map((n, i) => (changed < 0 || i < changed ? 0 : n));
  const y = operator("Reshape", [x], { shape: written }, x.dtype, full);
  const own = productOf(x);
  return own && isSameMatrix(x.shape, full) ? withProduct(y, own) : y;
}

/** Whether two shapes differ only in axes of length 1 behind rows and columns, such as a kernel's of one position. */
function isSameMatrix(a: Shape, b: Shape): boolean {
  return (
    sameShape(a.slice(0, 2), b.slice(0, 2)) && [...a.slice(2), ...b.slice(2)].every((n) => n === 1)
  );
}

/** Axes in another order: axis i of the result is axis `perm[i]` of `x`. Default: the last two swapped. */
export function transpose(x: Tensor, perm?: readonly number[]): Tensor {
  const identity = x.shape.map((_, i) => i);
  const order = perm ?? [...identity.slice(0, -2), x.rank - 1, x.rank - 2];
  if (
    !sameShape(
      [...order].sort((a, b) => a - b),
      identity,
    )
  )
    throw new ShapeError(
      `transpose: perm [${order}] of shape [${x.shape}] must name each axis 0 to ${x.rank - 1} once`,
    );
  if (sameShape(order, identity)) return x;
  const own = x.rank === 2 ? productOf(x) : undefined;
  const made = own ? undefined : nodeOf(x);
  if (made?.op === "Transpose") {
    const inner = (made as Node<"Transpose">).attributes.perm;
    return transpose(
      made.inputs[0] as Tensor,
      order.map((axis) => inner[axis] as number),
    );
  }
  const shape = order.map((axis) => lengthOf(x.shape, axis));
  const y = operator("Transpose", [x], { perm: order }, x.dtype, shape);
  return own ? withProduct(y, (rows, transposed) => own(rows, !transposed)) : y;
}

/** `x` repeated along its axes of length 1 to reach `shape`. */
export function expand(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = shape.length - x.rank;
  const fits = lead >= 0 && x.shape.every((n, i) => n === 1 || n === shape[lead + i]);
  if (!fits)
    throw new ShapeError(
      `expand: shape [${x.shape}] does not expand to [${shape}]; only axes of length 1 can grow`,
    );
  return operator("Expand", [x], { shape }, x.dtype, shape);
}

/** `x` without one axis of length 1. */
export function squeeze(x: Tensor, axis: number): Tensor {
  const i = resolveAxis("squeeze", axis, x.shape);
  if (x.shape[i] !== 1)
    throw new ShapeError(
      `squeeze: axis ${axis} of shape [${x.shape}] is not 1; only such an axis can go`,
    );
  return reshape(x, x.shape.toSpliced(i, 1));
}

/** `x` with a new axis of length 1 before `axis` (`-1`: behind all). */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  const i = resolveAxis("unsqueeze", axis, [...x.shape, 1]);
  return reshape(x, x.shape.toSpliced(i, 0, 1));
}

/** Tensors end to end along an axis; all other axes must be the same. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first, ...rest] = tensors;
  if (!first) throw new ShapeError("concat: the list is empty; give at least one tensor");
  if (rest.length === 0) return first;
  const i = resolveAxis("concat", axis, first.shape);
  for (const other of rest) {
    if (other.dtype !== first.dtype)
      throw new DTypeError(`concat: tensors are ${first} and ${other}; cast them to one dtype`);
    if (!sameShape(first.shape.toSpliced(i, 1), other.shape.toSpliced(i, 1)))
      throw new ShapeError(
        `concat: shapes [${first.shape}] and [${other.shape}] differ beside axis ${axis}; make them equal there`,
      );
  }
  const length = tensors.reduce((sum, t) => sum + lengthOf(t.shape, i), 0);
  return operator("Concat", tensors, { axis: i }, first.dtype, first.shape.with(i, length));
}

/** Tensors of one shape along a new axis. */
export function stack(tensors: readonly Tensor[], axis: number): Tensor {
  return concat(
    tensors.map((x) => unsqueeze(x, axis)),
    axis,
  );
}

/** Consecutive pieces along an axis: so many equal ones, or of the given lengths. */
export function split(x: Tensor, parts: number | readonly number[], axis: number): Tensor[] {
  const i = resolveAxis("split", axis, x.shape);
  const length = lengthOf(x.shape, i);
  const sizes =
    typeof parts === "number" ? Array.from({ length: parts }, () => length / parts) : parts;
  if (!sizes.every(isCount) || sizes.reduce((sum, n) => sum + n, 0) !== length)
    throw new ShapeError(
      `split: axis ${axis} of shape [${x.shape}] does not split into ${typeof parts === "number" ? `${parts} equal parts` : `[${parts}]`}; give sizes >= 0 whose sum is ${length}`,
    );
  const outputs = sizes.map((n) => ({ dtype: x.dtype, shape: x.shape.with(i, n) }));
  return sizes.length === 1 ? [x] : [...operatorOutputs("Split", [x], { axis: i, sizes }, outputs)];
}

/** The part of an axis from `start` up to, not including, `end`; negative ends count from behind. */
export function slice(x: Tensor, options: { axis: number; start?: number; end?: number }): Tensor {
  const axis = resolveAxis("slice", options.axis, x.shape);
  const length = lengthOf(x.shape, axis);
  const { start = 0, end = length } = options;
  const from = start < 0 ? start + length : start;
  const to = end < 0 ? end + length : end;
  if (![from, to].every(Number.isInteger) || from < 0 || to > length || from > to)
    throw new ShapeError(
      `slice: ${start} to ${end} is not within axis ${options.axis} of shape [${x.shape}]; give 0 <= start <= end <= ${length}`,
    );
  if (from === 0 && to === length) return x;
  return operator(
    "Slice",
    [x],
    { axis, start: from, end: to },
    x.dtype,
    x.shape.with(axis, to - from),
  );
}

/**
 * More elements before and after, one pair an axis.
 *
 * @param options.mode "constant": `value` (default 0). "reflect": mirrored without repeating the edge.
 * @throws {ShapeError} Not one pair an axis, or a reflection longer than the axis.
 */
export function pad(
  x: Tensor,
  amounts: readonly (readonly [number, number])[],
  options: { mode?: "constant" | "reflect"; value?: number } = {},
): Tensor {
  if (amounts.length !== x.rank || !amounts.flat().every(isCount))
    throw new ShapeError(
      `pad: amounts ${JSON.stringify(amounts)} for shape [${x.shape}]; give one [before, after] of whole numbers >= 0 an axis`,
    );
  if (amounts.every(([before, after]) => before === 0 && after === 0)) return x;
  if (options.mode === "reflect")
    return amounts.reduce((y, [before, after], axis) => reflect(y, axis, before, after), x);
  const shape = x.shape.map((n, i) => n + (amounts[i]?.[0] ?? 0) + (amounts[i]?.[1] ?? 0));
  const pads = [...amounts.map(([before]) => before), ...amounts.map(([, after]) => after)];
  return operator("Pad", [x], { pads, value: options.value ?? 0 }, x.dtype, shape);
}

function reflect(x: Tensor, axis: number, before: number, after: number): Tensor {
  if (before === 0 && after === 0) return x;
  const length = lengthOf(x.shape, axis);
  if (Math.max(before, after) >= length)
    throw new ShapeError(
      `pad: reflection by [${before}, ${after}] of axis ${axis} of shape [${x.shape}] needs at least ${Math.max(before, after) + 1} elements`,
    );
  // Only the ends are gathered: element by element, all of it would take longer than a convolution over it.
  const mirrored = (start: number, count: number): Tensor[] => {
    if (count === 0) return [];
    const end = slice(x, { axis, start, end: start + count });
    return [
      gather(end, literal(Int32Array.from({ length: count }, (_, i) => count - 1 - i)), axis),
    ];
  };
  return concat([...mirrored(1, before), x, ...mirrored(length - 1 - after, after)], axis);
}

/**
 * A signal brought to `length` samples along the last axis.
 *
 * @param mode "nearest": sample floor(i · from / length). "linear": between the two nearest, samples
 *   centred (PyTorch's align_corners = false).
 */
export function resize(x: Tensor, length: number, mode: "nearest" | "linear"): Tensor {
  const from = lengthOf(x.shape, -1);
  if (!Number.isInteger(length) || length < 1)
    throw new ShapeError(`resize: length ${length}; give a whole number >= 1`);
  const axis = x.rank - 1;
  if (mode === "nearest") {
    if (length % from === 0) {
      // Whole factors need no index: repeat each sample.
      const samples = unsqueeze(x, -1);
      const factor = length / from;
      // Few copies joined are 4 times faster on CPU than an expansion of the last axis.
      const repeated =
        factor <= 8
          ? concat(Array<Tensor>(factor).fill(samples), -1)
          : expand(samples, [...x.shape, factor]);
      return reshape(repeated, [...x.shape.slice(0, axis), -1]);
    }
    const index = Int32Array.from({ length }, (_, i) => Math.floor((i * from) / length));
    return gather(x, literal(index), axis);
  }
  const left = new Int32Array(length);
  const right = new Int32Array(length);
  const weight = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const at = Math.max(0, ((i + 0.5) * from) / length - 0.5);
    left[i] = Math.min(Math.floor(at), from - 1);
    right[i] = Math.min(Math.floor(at) + 1, from - 1);
    weight[i] = at - Math.floor(at);
  }
  return mix(gather(x, literal(left), axis), gather(x, literal(right), axis), weight);
}

/** a · (1 - weight) + b · weight along the last axis. */
function mix(a: Tensor, b: Tensor, weight: Float32Array): Tensor {
  const w = cast(literal(weight), a.dtype);
  return add(a, mul(sub(b, a), w));
}

function isCount(n: number): boolean {
  return Number.isInteger(n) && n >= 0;
}

/** A constant of one value in every element, which costs no memory until it runs. */
export function constant(
  value: number,
  like: { readonly dtype: DType; readonly shape: Shape },
): Tensor {
  return expand(literal(value, { dtype: like.dtype }), like.shape);
}
