import {
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import {
  defaultRevision,
  isGitId,
  type LocalFile,
  type Place,
  type RemoteFile,
} from "./remote-file.js";

/**
 * The folder of a repository in the cache, as huggingface_hub and its kin lay it out:
 *
 *     models--owner--name/
 *       blobs/ID                    contents, by sha256 or git object id; ID.incomplete while they come
 *       snapshots/COMMIT/path       links to blobs
 *       refs/main                   the commit that a branch or tag was last seen at
 */
export function repoFolder(cache: string, { repo }: Place): string {
  return join(cache, `models--${repo.replace("/", "--")}`);
}

export function blobPath(folder: string, id: string): string {
  return join(folder, "blobs", id);
}

/**
 * A file that is in the cache, whole.
 *
 * A file whose sha256 is not known is found by its name, and may be older than what the Hub has now.
 */
export async function findCached(file: RemoteFile, cache: string): Promise<LocalFile | undefined> {
  for (const place of file.places) {
    const folder = repoFolder(cache, place);
    const path = file.sha256
      ? await pathOfBlob(folder, place, file.sha256)
      : await pathOfRevision(folder, place);
    const found = path && (await localFile(path));
    if (found && (file.bytes === undefined || file.bytes === found.bytes)) return found;
  }
  return undefined;
}

export async function localFile(path: string): Promise<LocalFile | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? { path, bytes: found.size } : undefined;
}

/** The snapshot's name of a blob; the blob itself where no snapshot has it. */
async function pathOfBlob(folder: string, place: Place, id: string): Promise<string> {
  const blob = blobPath(folder, id);
  const target = await realpath(blob).catch(() => undefined);
  if (target === undefined) return blob;
  for (const snapshot of await readdir(join(folder, "snapshots")).catch(() => [])) {
    const path = join(folder, "snapshots", snapshot, place.path);
    if ((await realpath(path).catch(() => undefined)) === target) return path;
  }
  return blob;
}

async function pathOfRevision(folder: string, place: Place): Promise<string | undefined> {
  const { revision = defaultRevision } = place;
  const commit = isGitId(revision) ? revision : await commitOf(folder, revision);
  return commit && join(folder, "snapshots", commit, place.path);
}

/** Where a branch or tag was last seen. */
async function commitOf(folder: string, revision: string): Promise<string | undefined> {
  const commit = await readFile(join(folder, "refs", revision), "utf8").catch(() => "");
  return isGitId(commit.trim()) ? commit.trim() : undefined;
}

/**
 * Gives a blob its name in a snapshot, and remembers where the branch or tag is.
 *
 * @param commit The snapshot's; without one it is named by the blob, as huggingface.js does it.
 */
export async function nameBlob(
  folder: string,
  place: Place,
  id: string,
  commit: string | undefined,
): Promise<LocalFile> {
  const path = join(folder, "snapshots", commit ?? id, place.path);
  const blob = blobPath(folder, id);
  await replace(path, (temporary) => linkTo(blob, temporary, dirname(path)));
  const { revision = defaultRevision } = place;
  if (commit !== undefined && !isGitId(revision))
    await replace(join(folder, "refs", revision), (temporary) => writeFile(temporary, commit));
  const { size } = await stat(path);
  return { path, bytes: size };
}

/** Puts a new file in the place of an old one, if any, at once. */
async function replace(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${process.pid}.new`;
  await mkdir(dirname(path), { recursive: true });
  await rm(temporary, { force: true });
  await make(temporary);
  await rename(temporary, path);
}

/** A link, or a copy where the system allows none (Windows, some network disks). */
async function linkTo(blob: string, path: string, folder: string): Promise<void> {
  await symlink(relative(folder, blob), path)
    .catch(() => link(blob, path))
    .catch(() => copyFile(blob, path));
}
