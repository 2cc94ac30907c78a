/** The studio's own folder: files by path, which only this site in this browser can read. */
export interface Folder {
  /** Undefined if there is no such file. */
  read(path: string): Promise<File | undefined>;
  /** The file is there as a whole, or as it was before. */
  write(path: string, content: Uint8Array | Blob | string): Promise<void>;
  /** A file, or a folder with all in it; nothing happens if it is not there. */
  remove(path: string): Promise<void>;
  /** Does something to files that others change, too; one at a time for each name, in this tab and all others. */
  alone<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/**
 * Opens the folder, in the browser's origin-private file system.
 *
 * @throws The browser has none: in some, private windows lack it.
 */
export async function openFolder(): Promise<Folder> {
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("studio", {
    create: true,
  });
  return {
    async read(path) {
      const place = await placeOf(root, path, false);
      const handle = await place?.folder.getFileHandle(place.name).catch(undefinedIfMissing);
      return handle?.getFile();
    },
    async write(path, content) {
      const place = await placeOf(root, path, true);
      const handle = await place?.folder.getFileHandle(place.name, { create: true });
      const stream = await handle?.createWritable(); // Writes beside the file, and replaces it at the end.
      await stream?.write(content as FileSystemWriteChunkType);
      await stream?.close();
    },
    async remove(path) {
      const place = await placeOf(root, path, false);
      await place?.folder.removeEntry(place.name, { recursive: true }).catch(undefinedIfMissing);
    },
    alone: async (name, work) => navigator.locks.request(name, work),
  };
}

async function placeOf(
  root: FileSystemDirectoryHandle,
  path: string,
  create: boolean,
): Promise<{ folder: FileSystemDirectoryHandle; name: string } | undefined> {
  const parts = path.split("/");
  const name = parts.pop() as string;
  let folder: FileSystemDirectoryHandle | undefined = root;
  for (const part of parts)
    folder = await folder?.getDirectoryHandle(part, { create }).catch(undefinedIfMissing);
  return folder && { folder, name };
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof DOMException && error.name === "NotFoundError") return undefined;
  throw error;
}

/** A file's bytes. */
export async function bytesOf(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.arrayBuffer());
}

/** What a file of JSON holds; undefined if it is missing, or damaged. */
export async function readJson<T>(folder: Folder, path: string): Promise<T | undefined> {
  const file = await folder.read(path);
  if (!file) return undefined;
  try {
    return JSON.parse(await file.text()) as T;
  } catch {
    return undefined;
  }
}
