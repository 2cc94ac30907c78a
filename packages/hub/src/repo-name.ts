import { DownloadError } from "./download-error.js";
import type { Place } from "./remote-file.js";

/** A repository, and perhaps a file in it. */
export interface RepoName {
  readonly repo: string;
  readonly revision?: string;
  readonly path?: string;
}

/**
 * Reads `owner/name`, `owner/name/folder/file` and `owner/name@revision/file`.
 *
 * @throws {DownloadError} It is none of these.
 */
export function parseRepoName(text: string): RepoName {
  const [, repo, revision, path] = /^([^/@]+\/[^/@]+)(?:@([^/]+))?(?:\/(.+))?$/.exec(text) ?? [];
  if (repo === undefined)
    throw new DownloadError(
      "name",
      text,
      "is no repository or file of one; give owner/name, owner/name/file or owner/name@revision/file",
    );
  const name = {
    repo,
    ...(revision === undefined ? {} : { revision }),
    ...(path === undefined ? {} : { path }),
  };
  checkPlace({ path: "file", ...name });
  return name;
}

/**
 * Refuses names that would leave the cache's folder when they become paths of it.
 *
 * @throws {DownloadError} A part is empty, a dot or two, or has letters that no file system takes.
 */
export function checkPlace(place: Place): void {
  const { repo, path, revision = "main" } = place;
  const isRepo = /^[\w.-]+\/[\w.-]+$/.test(repo);
  if (isRepo && [repo, revision, path].every(isPlainPath)) return;
  throw new DownloadError(
    "name",
    JSON.stringify(`${repo}@${revision}/${path}`),
    "cannot be the name of a file in the cache; give owner/name@revision/file, without . or .. as a part of it",
  );
}

/** What Windows takes for a drive, a stream, a device or a separator, and what cannot be printed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
const unfit = /[\\:*?"<>|\u0000-\u001f\u007f]/;

function isPlainPath(path: string): boolean {
  return path.split("/").every((part) => !unfit.test(part) && !["", ".", ".."].includes(part));
}
