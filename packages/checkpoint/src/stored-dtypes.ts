import type { DType, TypedArray } from "@hawksbill/core";

/** How one dtype of the file format is held in memory. */
interface Stored {
  /** The dtype of the tensor that is read. */
  readonly dtype: DType;
  readonly bytesPerElement: number;
  /** The elements in `bytes`: a view where the alignment allows it and nothing is converted. */
  read(bytes: Uint8Array): TypedArray;
}

/** The dtypes of safetensors files that can be read; those with no tensor dtype of their own are converted. */
export const storedDTypes = {
  F32: { dtype: "float32", bytesPerElement: 4, read: (bytes) => elements(Float32Array, bytes) },
  F16: { dtype: "float16", bytesPerElement: 2, read: (bytes) => elements(Uint16Array, bytes) },
  I64: { dtype: "int64", bytesPerElement: 8, read: (bytes) => elements(BigInt64Array, bytes) },
  I32: { dtype: "int32", bytesPerElement: 4, read: (bytes) => elements(Int32Array, bytes) },
  BOOL: { dtype: "bool", bytesPerElement: 1, read: (bytes) => elements(Uint8Array, bytes) },
  U8: { dtype: "uint8", bytesPerElement: 1, read: (bytes) => elements(Uint8Array, bytes) },
  I8: { dtype: "int8", bytesPerElement: 1, read: (bytes) => elements(Int8Array, bytes) },
  F64: {
    dtype: "float32",
    bytesPerElement: 8,
    read: (bytes) => new Float32Array(elements(Float64Array, bytes)),
  },
  BF16: { dtype: "float32", bytesPerElement: 2, read: fromBfloat16 },
  I16: {
    dtype: "int32",
    bytesPerElement: 2,
    read: (bytes) => new Int32Array(elements(Int16Array, bytes)),
  },
} satisfies { [name: string]: Stored };

/** The dtypes of safetensors files that can be read. */
export type StoredDType = keyof typeof storedDTypes;

/** Whether a header's dtype is one that can be read. */
export function isStoredDType(name: unknown): name is StoredDType {
  return typeof name === "string" && Object.hasOwn(storedDTypes, name);
}

/** The dtype that each tensor is written as. */
export const writtenAs = {
  float32: "F32",
  float16: "F16",
  int64: "I64",
  int32: "I32",
  bool: "BOOL",
  uint8: "U8",
  int8: "I8",
} as const satisfies { [D in DType]: StoredDType };

interface ArrayOf<A> {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A;
  readonly BYTES_PER_ELEMENT: number;
}

/** `bytes` seen as an array of a wider type, copied first if they do not begin at a multiple of it. */
function elements<A>(array: ArrayOf<A>, bytes: Uint8Array): A {
  const aligned = bytes.byteOffset % array.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset } = aligned ? bytes : new Uint8Array(bytes);
  return new array(buffer, byteOffset, bytes.length / array.BYTES_PER_ELEMENT);
}

/** bfloat16 is the upper half of float32. */
function fromBfloat16(bytes: Uint8Array): Float32Array {
  const upperHalves = elements(Uint16Array, bytes);
  const bits = Uint32Array.from(upperHalves, (half) => half << 16);
  return new Float32Array(bits.buffer);
}
