import type { ByteSource } from "../byte-source.js";
import type { Checkpoint } from "../checkpoint.js";
import { CheckpointError } from "../checkpoint-error.js";
import { readMetadata } from "./metadata-entry.js";
import type { PickledStorage } from "./pickled.js";
import { pickledCheckpoint, reportPickleErrors } from "./pickled-checkpoint.js";
import type { StorageBytes } from "./stored-tensors.js";
import { Unpickler } from "./unpickle.js";
import { ZipArchive } from "./zip-archive.js";
import type { ZipEntry } from "./zip-directory.js";

/** The pickle of a model with its optimiser takes 1 MB; texts may take more. */
export const longestPickleBytes = 32_000_000;

/**
 * What a .pth file holds that torch 1.6 or newer wrote: a zip archive with a pickle, and an entry for each storage.
 *
 * @throws {CheckpointError} It is damaged, another kind of zip, or asks for more than weights need.
 */
export async function openPth(source: ByteSource): Promise<Checkpoint> {
  const { name: file, path } = source;
  const archive = await ZipArchive.open(source);
  const pickle = pickleOf(archive, file);
  const folder = pickle.name.slice(0, -"data.pkl".length);
  await checkByteOrder(archive, folder, file);
  const bytes = await archive.read(pickle);
  const root = reportPickleErrors(file, pickle.name, () => new Unpickler(bytes).next());

  const storageBytes = async ({ key }: PickledStorage, tensor: string): Promise<StorageBytes> => {
    const name = `${folder}data/${key}`;
    const entry = archive.entries.get(name);
    if (!entry)
      throw new CheckpointError(file, "is missing; the file is damaged", { tensor, entry: name });
    const mapped = path !== undefined && !entry.compressed;
    return {
      entry: name,
      bytes: entry.bytes,
      read: (begin, end) => archive.read(entry, begin, end),
      ...(mapped && { place: { path, offset: await archive.dataOffset(entry) } }),
    };
  };
  const checkpoint = await pickledCheckpoint(
    source,
    "pth",
    { root, entry: pickle.name },
    storageBytes,
  );
  return { ...checkpoint, metadata: await readMetadata(archive, folder) };
}

/** The pickle in the archive's only folder, which has the name that the file had when it was written. */
function pickleOf(archive: ZipArchive, file: string): ZipEntry {
  const pickles = [...archive.entries.values()].filter(({ name }) =>
    /^[^/]+\/data\.pkl$/.test(name),
  );
  const [pickle] = pickles;
  if (!pickle || pickles.length > 1)
    throw new CheckpointError(
      file,
      `is a zip file with ${pickles.length} data.pkl, expected one; if there are files to use in it, unpack it first`,
    );
  const folder = pickle.name.slice(0, pickle.name.indexOf("/"));
  if (archive.entries.has(`${folder}/constants.pkl`))
    throw new CheckpointError(
      file,
      "is a TorchScript program; load it with torch.jit.load and save its state_dict()",
    );
  if (pickle.bytes > longestPickleBytes)
    throw new CheckpointError(
      file,
      `has ${pickle.bytes} bytes, over the limit of ${longestPickleBytes}; no checkpoint needs so many`,
      { entry: pickle.name },
    );
  return pickle;
}

async function checkByteOrder(archive: ZipArchive, folder: string, file: string): Promise<void> {
  const name = `${folder}byteorder`;
  const entry = archive.entries.get(name);
  if (!entry) return; // Written before torch 2.1, by little-endian machines.
  const order = new TextDecoder().decode(await archive.read(entry, 0, Math.min(entry.bytes, 16)));
  if (order !== "little")
    throw new CheckpointError(
      file,
      `is ${JSON.stringify(order)}, expected "little"; load it and save it again on another machine`,
      { entry: name },
    );
}
