import type { StoredDType } from "../stored-dtypes.js";

/** What a pickle can hold here; nothing in it does anything. Tuples and sets are arrays. */
export type Pickled =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Pickled[]
  | Map<Pickled, Pickled>
  | PickledStorage
  | PickledTensor
  | PickledFunction
  | NumpyDType;

/** The numbers behind one tensor or several: one entry of the archive. */
export class PickledStorage {
  constructor(
    readonly key: string,
    readonly dtype: StoredDType,
    /** How many elements the pickle says that it has. */
    readonly length: number,
  ) {}
}

/** A view of a storage. */
export class PickledTensor {
  constructor(
    readonly storage: PickledStorage,
    /** Its first element in the storage. */
    readonly offset: number,
    readonly shape: readonly number[],
    /** How many elements of the storage lie between neighbours along each axis. */
    readonly strides: readonly number[],
  ) {}
}

/** A Python name on the list of what checkpoints need. */
export class PickledFunction {
  constructor(
    readonly name: string,
    /** Our own equivalent; without it, a pickle may only mention the name. */
    readonly call?: (args: readonly Pickled[]) => Pickled,
    /** For `torch.FloatStorage` and the like. */
    readonly storageDType?: StoredDType,
  ) {}
}

/** `numpy.dtype` of a single number. */
export class NumpyDType {
  littleEndian = true;
  constructor(readonly code: string) {}
}
