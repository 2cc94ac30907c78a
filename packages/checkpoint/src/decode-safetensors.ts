import { type Tensor, type TypedArray, tensor } from "@hawksbill/core";
import { CheckpointError } from "./checkpoint-error.js";
import { headerLength, lengthBytes, parseHeader, type StoredTensor } from "./safetensors-header.js";
import { type StoredDType, storedDTypes } from "./stored-dtypes.js";

/** What a safetensors file holds. */
export interface Safetensors {
  /** By name, in the order of the file's header. */
  readonly tensors: Record<string, Tensor>;
  readonly metadata: Record<string, string>;
}

/**
 * Reads a checkpoint that is in memory, such as a download in the browser.
 *
 * Tensors are views of `bytes` where they are aligned there, so leave the bytes as they are.
 * F64 and BF16 become float32 (F64 loses digits), I16 becomes int32.
 *
 * @param bytes The whole file.
 * @param name What error messages call the file.
 * @throws {CheckpointError} The file is damaged, cut short, of another kind, or has a dtype that cannot be held.
 * @see https://github.com/huggingface/safetensors#format
 */
export function decodeSafetensors(bytes: Uint8Array, name = "safetensors data"): Safetensors {
  const dataStart = lengthBytes + headerLength(bytes, bytes.length, name);
  const header = parseHeader(
    bytes.subarray(lengthBytes, dataStart),
    bytes.length - dataStart,
    name,
  );
  const data = bytes.subarray(dataStart);
  const arrays = header.tensors.map((stored) =>
    readElements(stored, data.subarray(stored.begin, stored.end), name),
  );
  return { tensors: makeTensors(header.tensors, arrays), metadata: header.metadata };
}

/** The elements of one stored tensor. */
export function readElements(
  stored: { readonly name: string; readonly dtype: StoredDType },
  bytes: Uint8Array,
  file: string,
): TypedArray {
  if (stored.dtype === "BOOL" && bytes.some((byte) => byte > 1))
    throw new CheckpointError(file, "is BOOL but has bytes other than 0 and 1; it is damaged", {
      tensor: stored.name,
    });
  return storedDTypes[stored.dtype].read(bytes);
}

/** Tensors by name. A name such as `__proto__` is a property like any other. */
export function makeTensors(
  stored: readonly StoredTensor[],
  arrays: readonly TypedArray[],
): Record<string, Tensor> {
  return Object.fromEntries(
    stored.map(({ name, dtype, shape }, i) => [
      name,
      tensor(arrays[i] as TypedArray, { shape, dtype: storedDTypes[dtype].dtype }),
    ]),
  );
}
