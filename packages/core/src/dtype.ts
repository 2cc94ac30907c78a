/** Element types of a tensor. float16 is held as its bits in a `Uint16Array`, bool as 0 and 1 in a `Uint8Array`. */
export type DType = "float32" | "float16" | "int64" | "int32" | "bool" | "uint8" | "int8";

/** Arrays that hold a tensor's elements, row-major. */
export type TypedArray =
  | Float32Array
  | Uint16Array
  | BigInt64Array
  | Int32Array
  | Uint8Array
  | Int8Array;

/** The dtypes of an operation's operands are not the ones it needs. */
export class DTypeError extends Error {
  override readonly name = "DTypeError";
}

/** How each dtype is stored, and its number in ONNX's `TensorProto.DataType`. */
export const dtypes = {
  float32: { array: Float32Array, onnx: 1, float: true },
  float16: { array: Uint16Array, onnx: 10, float: true },
  int64: { array: BigInt64Array, onnx: 7, float: false },
  int32: { array: Int32Array, onnx: 6, float: false },
  bool: { array: Uint8Array, onnx: 9, float: false },
  uint8: { array: Uint8Array, onnx: 2, float: false },
  int8: { array: Int8Array, onnx: 3, float: false },
} as const;

/** Whether gradients flow through this dtype. */
export function isFloat(dtype: DType): boolean {
  return dtypes[dtype].float;
}

/** The dtype that a typed array holds when nothing else is said. */
export function dtypeOf(array: TypedArray): DType {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Uint16Array) return "float16";
  if (array instanceof BigInt64Array) return "int64";
  if (array instanceof Int32Array) return "int32";
  return array instanceof Uint8Array ? "uint8" : "int8";
}

/**
 * An array of `size` elements of `dtype`, filled from numbers (or left at zero).
 *
 * @param values One number an element; for float16 they are rounded to nearest even, for bool all but 0 are true.
 */
export function typedArray(dtype: DType, size: number, values?: ArrayLike<number>): TypedArray {
  const array = new dtypes[dtype].array(size);
  if (!values) return array;
  if (array instanceof BigInt64Array) {
    for (let i = 0; i < size; i++) array[i] = BigInt(Math.trunc(values[i] ?? 0));
  } else if (dtype === "float16") {
    for (let i = 0; i < size; i++) array[i] = toFloat16Bits(values[i] ?? 0);
  } else if (dtype === "bool") {
    for (let i = 0; i < size; i++) array[i] = values[i] === 0 ? 0 : 1;
  } else {
    array.set(values);
  }
  return array;
}

/** The number of each half-precision bit pattern: looking up is 5 times faster than computing. */
let halves: Float32Array | undefined;

/** The elements as JavaScript numbers (int64 beyond 2^53 loses its last bits). */
export function toNumbers(array: TypedArray, dtype: "float16"): Float32Array;
export function toNumbers(array: TypedArray, dtype: DType): ArrayLike<number>;
export function toNumbers(array: TypedArray, dtype: DType): ArrayLike<number> {
  if (array instanceof BigInt64Array) return Array.from(array, Number);
  if (dtype !== "float16") return array;
  halves ??= Float32Array.from({ length: 65_536 }, (_, bits) => fromFloat16Bits(bits));
  const numbers = new Float32Array(array.length);
  for (let i = 0; i < numbers.length; i++) numbers[i] = halves[array[i] as number] as number;
  return numbers;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** A number as IEEE 754 half precision, rounded to nearest even. */
export function toFloat16Bits(value: number): number {
  float[0] = value;
  const x = bits[0] ?? 0;
  const sign = (x >>> 16) & 0x8000;
  const magnitude = x & 0x7fffffff;
  if (magnitude >= 0x47800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00); // NaN, inf, overflow
  if (magnitude < 0x38800000) {
    // Subnormal halves are multiples of 2^-24; adding 0.5 as float32 aligns and rounds them.
    float[0] = Math.abs(value) + 0.5;
    return sign | ((bits[0] ?? 0) - 0x3f000000);
  }
  const roundToEven = 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((magnitude - 0x38000000 + roundToEven) >>> 13);
}

/** The number that half-precision bits stand for. */
export function fromFloat16Bits(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
