import { lazyTensor, type Shape, type Tensor } from "@hawksbill/core";
import { readElements } from "./decode-safetensors.js";
import { bytesOf } from "./encode-safetensors.js";
import { type StoredDType, storedDTypes, writtenAs } from "./stored-dtypes.js";

/** A tensor as a file holds it. */
export interface StoredElements {
  readonly name: string;
  readonly dtype: StoredDType;
  readonly shape: Shape;
  /** Its bytes, little-endian and row-major. */
  read(): Promise<Uint8Array>;
  /** Where they lie in a file of this machine, if they do in this very order. */
  readonly place?: { readonly path: string; readonly offset: number };
}

/**
 * Tensors that are read when they are needed, and then converted where their dtype has to be.
 *
 * @param file What error messages call the file.
 */
export function lazyTensors(
  stored: readonly StoredElements[],
  file: string,
): { tensors: Record<string, Tensor>; storedDTypes: Record<string, StoredDType> } {
  return {
    tensors: Object.fromEntries(stored.map((one) => [one.name, lazy(one, file)])),
    storedDTypes: Object.fromEntries(stored.map(({ name, dtype }) => [name, dtype])),
  };
}

function lazy(stored: StoredElements, file: string): Tensor {
  const { dtype } = storedDTypes[stored.dtype];
  const converted = writtenAs[dtype] !== stored.dtype;
  const source = {
    read: async () => bytesOf(readElements(stored, await stored.read(), file)),
    ...(stored.place && !converted && { file: stored.place }),
  };
  return lazyTensor(source, { shape: stored.shape, dtype });
}
