import { type DType, DTypeError, dtypeOf, dtypes, type TypedArray, typedArray } from "./dtype.js";
import { type Shape, ShapeError, sameShape, sizeOf } from "./shape.js";
import { Tensor, type TensorSource } from "./tensor.js";

/** Numbers in nested arrays, all of one depth and length. */
export type NestedNumbers = number | readonly NestedNumbers[];

/**
 * A tensor from a number, nested arrays of numbers, or a typed array (which it keeps, uncopied).
 *
 * @param options.shape Axis lengths of a typed array; default one axis.
 * @param options.dtype Default float32 for numbers; for a typed array its own (Uint16Array: float16 bits).
 * @throws {ShapeError} The shape does not hold this many elements, or nested arrays are ragged.
 * @throws {DTypeError} A typed array cannot hold this dtype.
 */
export function tensor(
  data: NestedNumbers | TypedArray,
  options: { shape?: Shape; dtype?: DType } = {},
): Tensor {
  return Tensor.track(literal(data, options));
}

/**
 * A tensor whose elements stay where they are, such as in a checkpoint's file, until `data()` or a program needs
 * them. It holds no memory: `dispose` and scopes leave it alone.
 */
export function lazyTensor(
  source: TensorSource,
  { shape, dtype }: { readonly shape: Shape; readonly dtype: DType },
): Tensor {
  return new Tensor(dtype, [...shape], { kind: "stored", stored: source });
}

/** As `tensor`, but nobody has to dispose of it: for tables of numbers inside a compiled function. */
export function literal(
  data: NestedNumbers | TypedArray,
  options: { shape?: Shape; dtype?: DType } = {},
): Tensor {
  if (ArrayBuffer.isView(data)) {
    const dtype = options.dtype ?? dtypeOf(data);
    const shape = options.shape ?? [data.length];
    if (!(data instanceof dtypes[dtype].array))
      throw new DTypeError(
        `tensor: a ${(data as object).constructor.name} cannot hold ${dtype}; give a ${dtypes[dtype].array.name}`,
      );
    if (sizeOf(shape) !== data.length)
      throw new ShapeError(
        `tensor: shape [${shape}] holds ${sizeOf(shape)} elements, the array has ${data.length}`,
      );
    return new Tensor(dtype, [...shape], { kind: "host", data });
  }
  const nested = nestedShape(data);
  const values = [data as unknown].flat(Number.POSITIVE_INFINITY) as number[];
  const dtype = options.dtype ?? "float32";
  return literal(typedArray(dtype, values.length, values), {
    dtype,
    shape: options.shape ?? nested,
  });
}

function nestedShape(data: NestedNumbers): Shape {
  if (typeof data === "number") return [];
  if (data.every((item) => typeof item === "number")) return [data.length];
  const [first = [], ...others] = data.map(nestedShape);
  if (!others.every((other) => sameShape(other, first)))
    throw new ShapeError("tensor: nested arrays are ragged; give every row the same length");
  return [data.length, ...first];
}

/** A tensor of zeros. */
export function zeros(shape: Shape, dtype: DType = "float32"): Tensor {
  return tensor(typedArray(dtype, sizeOf(shape)), { shape, dtype });
}

/** A tensor of ones. */
export function ones(shape: Shape, dtype: DType = "float32"): Tensor {
  return full(shape, 1, dtype);
}

/** A tensor whose elements are all `value`. */
export function full(shape: Shape, value: number, dtype: DType = "float32"): Tensor {
  const size = sizeOf(shape);
  return tensor(typedArray(dtype, size, new Float64Array(size).fill(value)), { shape, dtype });
}
