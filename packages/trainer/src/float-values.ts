import { fromFloat16Bits, lazyTensor, type Shape, type Tensor } from "@hawksbill/core";
import { TrainingError } from "./training-error.js";

/** The number of each of the 65,536 half-precision bit patterns. */
let values: Float32Array | undefined;

export function fromHalves(halves: Uint16Array): Float32Array {
  values ??= Float32Array.from({ length: 65_536 }, (_, bits) => fromFloat16Bits(bits));
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < floats.length; i++) floats[i] = values[halves[i] as number] as number;
  return floats;
}

export function isFloat({ dtype }: Tensor): boolean {
  return dtype === "float32" || dtype === "float16";
}

/**
 * A tensor's elements as float32, wherever they are; float16 is widened.
 *
 * @param what Begins the error message: who asks.
 * @throws {TrainingError} They are of another dtype.
 */
export async function floatsOf(what: string, name: string, x: Tensor): Promise<Float32Array> {
  const data = await x.data();
  if (data instanceof Float32Array) return data;
  if (x.dtype === "float16") return fromHalves(data as Uint16Array);
  throw new TrainingError(`${what}: "${name}" is ${x.dtype}; give float32 or float16`);
}

/** A tensor that is computed anew each time it is read: nothing of it is held. */
export function computed(shape: Shape, compute: () => Promise<Float32Array>): Tensor {
  const read = async (): Promise<Uint8Array> => {
    const { buffer, byteOffset, byteLength } = await compute();
    return new Uint8Array(buffer, byteOffset, byteLength);
  };
  return lazyTensor({ read }, { shape, dtype: "float32" });
}
