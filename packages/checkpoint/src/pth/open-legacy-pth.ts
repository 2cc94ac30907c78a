import { type ByteSource, readBytes } from "../byte-source.js";
import type { Checkpoint } from "../checkpoint.js";
import { CheckpointError } from "../checkpoint-error.js";
import { storedDTypes } from "../stored-dtypes.js";
import { longestPickleBytes } from "./open-pth.js";
import { PickleEndError } from "./pickle-bytes.js";
import type { Pickled, PickledStorage } from "./pickled.js";
import { pickledCheckpoint, reportPickleErrors } from "./pickled-checkpoint.js";
import { PickleError } from "./python-names.js";
import type { StorageBytes } from "./stored-tensors.js";
import { Unpickler } from "./unpickle.js";
import { viewOf } from "./zip-directory.js";

/** The pickle that torch's files began with. */
const magicNumber = 0x1950a86a20f9469cfc6cn;
const protocolVersion = 1001;

/** Before each storage's bytes stands how many elements it has, as a 64-bit number. */
const lengthBytes = 8;

/** Most pickles are shorter; where they are not, more is read. */
const firstBytes = 1_000_000;

/** What stands before the storages. */
interface Head {
  readonly root: Pickled;
  /** Every storage that the pickle refers to. */
  readonly storages: ReadonlyMap<string, PickledStorage>;
  /** In the order of the storages in the file. */
  readonly keys: readonly string[];
  readonly end: number;
}

/**
 * What a .pth file holds that torch before 1.6 wrote: five pickles, then the storages one behind the other.
 *
 * @throws {CheckpointError} It is damaged, another kind of pickle, or asks for more than weights need.
 */
export async function openLegacyPth(source: ByteSource): Promise<Checkpoint> {
  const head = await readHead(source);
  const places = layOut(head, source);
  const storageBytes = async (storage: PickledStorage, tensor: string): Promise<StorageBytes> => {
    const fail = (problem: string): never => {
      throw new CheckpointError(source.name, problem, { tensor, entry: storage.key });
    };
    const start = places.get(storage.key) ?? fail("is missing; the file is damaged");
    const bytes = bytesOf(storage);
    const checkLength = async (): Promise<void> => {
      const length = viewOf(await readBytes(source, start - lengthBytes, start));
      if (length.getBigUint64(0, true) !== BigInt(storage.length))
        fail(`has ${length.getBigUint64(0, true)} elements, expected ${storage.length}`);
    };
    const { path } = source;
    if (path !== undefined) await checkLength();
    return {
      entry: storage.key,
      bytes,
      async read(begin, end) {
        if (path === undefined) await checkLength();
        return readBytes(source, start + begin, start + end);
      },
      ...(path !== undefined && { place: { path, offset: start } }),
    };
  };
  return pickledCheckpoint(source, "legacy-pth", head, storageBytes);
}

async function readHead(source: ByteSource): Promise<Head> {
  const { name, size } = source;
  const longest = Math.min(size, longestPickleBytes);
  for (let length = Math.min(firstBytes, longest); ; length = Math.min(4 * length, longest)) {
    const bytes = await readBytes(source, 0, length);
    try {
      return reportPickleErrors(name, undefined, () => parseHead(bytes));
    } catch (error) {
      const cut = error instanceof CheckpointError && error.cause instanceof PickleEndError;
      if (!cut || length === longest) throw error;
    }
  }
}

function parseHead(bytes: Uint8Array): Head {
  const unpickler = new Unpickler(bytes);
  if (unpickler.next() !== magicNumber)
    throw new PickleError("is a pickle, but not one that torch.save wrote; nothing was run");
  const version = unpickler.next();
  if (version !== protocolVersion)
    throw new PickleError(`is of torch's protocol ${String(version)}, expected ${protocolVersion}`);
  const system = unpickler.next();
  if (!(system instanceof Map) || system.get("little_endian") !== true)
    throw new PickleError("is not little-endian; load it and save it again on another machine");
  const root = unpickler.next();
  const { storages } = unpickler;
  const keys = unpickler.next();
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === "string"))
    throw new PickleError("has no list of storages behind its pickle; it is damaged");
  return { root, storages, keys, end: unpickler.position };
}

/** Where each storage's elements begin. */
function layOut({ storages, keys, end }: Head, { name, size }: ByteSource): Map<string, number> {
  const places = new Map<string, number>();
  let position = end;
  for (const key of keys) {
    const storage = storages.get(key);
    if (!storage || places.has(key))
      throw new CheckpointError(name, "is not a storage of the pickle; the file is damaged", {
        entry: key,
      });
    places.set(key, position + lengthBytes);
    position += lengthBytes + bytesOf(storage);
  }
  if (position !== size)
    throw new CheckpointError(
      name,
      `has ${size} bytes, expected ${position}; it was cut short or is damaged: copy or download it again`,
    );
  return places;
}

function bytesOf({ dtype, length }: PickledStorage): number {
  return length * storedDTypes[dtype].bytesPerElement;
}
