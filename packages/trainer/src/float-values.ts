import { lazyTensor, type Shape, type Tensor, type TypedArray, toNumbers } from "@hawksbill/core";
import { TrainingError } from "./training-error.js";

/**
 * A tensor's elements as float32, wherever they are; float16 is widened.
 *
 * @param what Begins the error message: who asks.
 * @throws {TrainingError} They are of another dtype.
 */
export async function floatsOf(what: string, name: string, x: Tensor): Promise<Float32Array> {
  const data = await x.data();
  if (data instanceof Float32Array) return data;
  if (x.dtype === "float16") return toNumbers(data, x.dtype);
  throw new TrainingError(`${what}: "${name}" is ${x.dtype}; give float32 or float16`);
}

/** A tensor that is computed anew each time it is read: nothing of it is held. */
export function computed(shape: Shape, compute: () => Promise<Float32Array>): Tensor {
  return lazyTensor({ read: async () => bytesOf(await compute()) }, { shape, dtype: "float32" });
}

/** The same memory as bytes. */
export function bytesOf({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
