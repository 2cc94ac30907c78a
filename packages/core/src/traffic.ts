import { type DType, dtypes } from "./dtype.js";
import { type Shape, sizeOf } from "./shape.js";

/** Bytes that crossed between host and device. On `cpu`, where nothing moves, those that would have. */
export interface Traffic {
  /** To the device: constants as programs are loaded, and the inputs of runs. */
  readonly up: number;
  /** From the device: results, and tensors that were read. */
  readonly down: number;
}

/** What a tensor takes. */
export function bytesOf({
  dtype,
  shape,
}: {
  readonly dtype: DType;
  readonly shape: Shape;
}): number {
  return sizeOf(shape) * dtypes[dtype].array.BYTES_PER_ELEMENT;
}
