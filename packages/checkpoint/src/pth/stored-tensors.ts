import { CheckpointError } from "../checkpoint-error.js";
import type { StoredElements } from "../lazy-tensors.js";
import { storedDTypes } from "../stored-dtypes.js";
import { gather } from "./gather.js";
import type { PickledTensor } from "./pickled.js";

/** The bytes of a storage, wherever the file has them. */
export interface StorageBytes {
  /** What error messages call it. */
  readonly entry: string;
  readonly bytes: number;
  read(begin: number, end: number): Promise<Uint8Array>;
  /** Where they lie in a file of this machine, uncompressed. */
  readonly place?: { readonly path: string; readonly offset: number };
}

// torch's expand() repeats elements without storing them again: a mask does, but a huge tensor is made to fill memory.
const mostRepeatedBytes = 16_000_000;

/**
 * A tensor as a view of its storage's bytes.
 *
 * @throws {CheckpointError} The view reaches out of the storage, or makes much of little.
 */
export function storedTensor(
  name: string,
  { storage, offset, shape, strides }: PickledTensor,
  data: StorageBytes,
  file: string,
): StoredElements {
  const fail = (problem: string): never => {
    throw new CheckpointError(file, problem, { tensor: name, entry: data.entry });
  };
  const { dtype } = storage;
  const width = storedDTypes[dtype].bytesPerElement;
  if (storage.length * width > data.bytes)
    fail(
      `needs ${storage.length * width} bytes (${storage.length} of ${dtype}), but has ${data.bytes}; the file is damaged`,
    );
  const size = shape.reduce((product, n) => product * n, 1);
  const last = shape.reduce((sum, n, axis) => sum + (n - 1) * (strides[axis] ?? 0), offset);
  if (size > 0 && last >= storage.length)
    fail(
      `is [${shape.join(", ")}] with strides [${strides.join(", ")}] from ${offset}, which reaches element ${last} of ${storage.length}; the file is damaged`,
    );
  if ((size - storage.length) * width > mostRepeatedBytes)
    fail(`repeats ${storage.length} elements to make ${size}; no weights do`);

  if (size === 0) return { name, dtype, shape, read: async () => new Uint8Array() };
  const [begin, end] = [offset * width, (last + 1) * width];
  if (!isRowMajor(shape, strides)) {
    const read = async (): Promise<Uint8Array> =>
      gather(await data.read(begin, end), width, shape, strides);
    return { name, dtype, shape, read };
  }
  const { place } = data;
  return {
    name,
    dtype,
    shape,
    read: () => data.read(begin, end),
    ...(place && { place: { path: place.path, offset: place.offset + begin } }),
  };
}

/** Whether the elements lie one behind the other in the order of the tensor. */
function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  return shape.toReversed().every((n, i) => {
    const fits = n === 1 || strides.at(-1 - i) === expected;
    expected *= n;
    return fits;
  });
}
