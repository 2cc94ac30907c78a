import { literal } from "./create-tensor.js";
import { type DType, DTypeError, isFloat, toNumbers } from "./dtype.js";
import { broadcastShapes, type Shape } from "./shape.js";
import { Tensor } from "./tensor.js";

/** A tensor, or a number that takes the dtype of the tensor beside it, and must be one of it. */
export type Operand = Tensor | number;

/**
 * Two operands as tensors of one dtype, and the shape that they broadcast to.
 *
 * @throws {DTypeError} They are of different dtypes, or a number is none of the tensor's, such as 0.5 of int32.
 * @throws {ShapeError} They do not broadcast.
 */
export function pair(op: string, a: Operand, b: Operand): { x: Tensor; y: Tensor; shape: Shape } {
  const dtype = a instanceof Tensor ? a.dtype : b instanceof Tensor ? b.dtype : "float32";
  const x = a instanceof Tensor ? a : numberOf(op, a, dtype);
  const y = b instanceof Tensor ? b : numberOf(op, b, dtype);
  requireSameDType(op, x, y);
  return { x, y, shape: broadcastShapes(op, x.shape, y.shape) };
}

function numberOf(op: string, value: number, dtype: DType): Tensor {
  const x = literal(value, { dtype });
  if (!isFloat(dtype) && toNumbers(x.dataSync(), dtype)[0] !== value)
    throw new DTypeError(`${op}: ${value} is no ${dtype}; cast the tensor first`);
  return x;
}

/** @throws {DTypeError} The tensors are of different dtypes. */
export function requireSameDType(op: string, x: Tensor, ...others: readonly Tensor[]): void {
  const other = others.find((y) => y.dtype !== x.dtype);
  if (other)
    throw new DTypeError(
      `${op}: operands are ${x} and ${other}; cast one of them, e.g. cast(x, "${x.dtype}")`,
    );
}

/** @throws {DTypeError} The tensor is not of floating point. */
export function requireFloat(op: string, x: Tensor): void {
  if (!isFloat(x.dtype))
    throw new DTypeError(`${op}: operand is ${x}; give floating point, e.g. cast(x, "float32")`);
}

/** @throws {DTypeError} The tensor is bool: it has no arithmetic. */
export function requireNumber(op: string, x: Tensor): void {
  if (x.dtype === "bool")
    throw new DTypeError(`${op}: operand is ${x}; give numbers, e.g. cast(x, "float32")`);
}

/** @throws {DTypeError} The tensor is not bool. */
export function requireBool(op: string, x: Tensor): void {
  if (x.dtype !== "bool")
    throw new DTypeError(`${op}: operand is ${x}; give a bool tensor, e.g. notEqual(x, 0)`);
}
