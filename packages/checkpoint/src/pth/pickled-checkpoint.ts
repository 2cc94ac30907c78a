import type { ByteSource } from "../byte-source.js";
import type { Checkpoint, CheckpointFormat } from "../checkpoint.js";
import { CheckpointError } from "../checkpoint-error.js";
import { lazyTensors } from "../lazy-tensors.js";
import { flatten } from "./flatten.js";
import type { Pickled, PickledStorage } from "./pickled.js";
import { PickleError } from "./python-names.js";
import { type StorageBytes, storedTensor } from "./stored-tensors.js";

/** The checkpoint that a pickle describes, whose tensors lie in storages outside of it. */
export async function pickledCheckpoint(
  source: ByteSource,
  format: CheckpointFormat,
  pickle: { readonly root: Pickled; readonly entry?: string },
  storageBytes: (storage: PickledStorage, tensor: string) => Promise<StorageBytes>,
): Promise<Checkpoint> {
  const { name: file } = source;
  const { tensors, values } = reportPickleErrors(file, pickle.entry, () => flatten(pickle.root));
  const stored = await Promise.all(
    [...tensors].map(async ([name, tensor]) =>
      storedTensor(name, tensor, await storageBytes(tensor.storage, name), file),
    ),
  );
  return {
    name: file,
    format,
    ...lazyTensors(stored, file),
    metadata: {},
    values,
    close: async () => source.close?.(),
  };
}

/** Says of which file and entry a pickle's error is. */
export function reportPickleErrors<T>(file: string, entry: string | undefined, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof PickleError)) throw cause;
    throw new CheckpointError(file, cause.message, { ...(entry && { entry }), cause });
  }
}
