/** What the operating system's error codes mean to someone who reads or saves a file. */
const meanings: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file; check the path",
  EISDIR: "it is a folder; give the path of a file",
  ENOTDIR: "a part of its path is a file, not a folder; check the path",
  EACCES: "permission is denied; change the permissions or choose another place",
  EPERM: "permission is denied; change the permissions or choose another place",
  EROFS: "the disk is read-only; choose another place",
  ENOSPC: "the disk is full; free some space or choose another place",
  EDQUOT: "your share of the disk is used up; free some space or choose another place",
  EFBIG: "it is larger than the disk or your limits allow; choose another place",
  ENAMETOOLONG: "its name is too long; choose a shorter one",
};

/** An error of the file system, as opposed to a mistake in a program. */
export function isFileProblem(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "code" in error && "syscall" in error;
}

/**
 * A file system's error in words: what is wrong, and what to do.
 *
 * @param known Better words for some codes where the caller knows more.
 */
export function inWords(error: unknown, known: Readonly<Record<string, string>> = {}): string {
  const code = isFileProblem(error) ? error.code : "";
  return known[code] ?? meanings[code] ?? (error instanceof Error ? error.message : String(error));
}
