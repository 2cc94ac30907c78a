import { randomUUID } from "node:crypto";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { blobPath, findCached, nameBlob, repoFolder } from "./cache.js";
import { DownloadError } from "./download-error.js";
import { inDiskWords } from "./failure.js";
import { isGitId, type LocalFile, type RemoteFile } from "./remote-file.js";
import { checkPlace } from "./repo-name.js";
import { verify } from "./verify.js";

/**
 * Puts a copy from elsewhere into the cache, for a file that no place gives any more.
 *
 * @param path The copy; it stays where it is.
 * @throws {DownloadError} Its sha256 is not the file's, or not known, or it cannot be read.
 */
export async function importFile(
  path: string,
  file: RemoteFile,
  { cache, signal }: { readonly cache: string; readonly signal?: AbortSignal },
): Promise<LocalFile> {
  const { name, sha256, bytes } = file;
  const [place] = file.places;
  if (sha256 === undefined || place === undefined)
    throw new DownloadError("name", name, `has no known sha256; use ${path} as it is`);
  checkPlace(place);
  const cached = await findCached(file, cache);
  if (cached) return cached;
  try {
    const folder = repoFolder(cache, place);
    const copy = `${blobPath(folder, sha256)}.${randomUUID()}.incomplete`;
    await mkdir(dirname(copy), { recursive: true });
    try {
      await copyFile(path, copy);
      const { problem } = await verify(copy, { id: sha256, bytes }, signal);
      if (problem !== undefined)
        throw new DownloadError("content", name, `${path} is another file: ${problem}`);
      await rename(copy, blobPath(folder, sha256));
    } finally {
      await rm(copy, { force: true });
    }
    const { revision = "" } = place;
    return await nameBlob(folder, place, sha256, isGitId(revision) ? revision : undefined);
  } catch (error) {
    signal?.throwIfAborted();
    throw inDiskWords(error, name);
  }
}
