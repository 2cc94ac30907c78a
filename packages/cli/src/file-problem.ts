/** What the operating system's error codes mean to someone who names files and folders. */
const meanings: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder; check the path",
  EISDIR: "it is a folder; give a file",
  ENOTDIR: "a part of its path is a file, not a folder; check the path",
  EEXIST: "there is a file of this name; choose another one",
  EACCES: "permission is denied; change the permissions or choose another place",
  EPERM: "permission is denied; change the permissions or choose another place",
  EROFS: "the disk is read-only; choose another place",
  ENOSPC: "the disk is full; free some space or choose another place",
  EDQUOT: "your share of the disk is used up; free some space or choose another place",
  ENAMETOOLONG: "its name is too long; choose a shorter one",
};

type FileError = NodeJS.ErrnoException & { readonly code: string };

function isFileError(error: unknown): error is FileError {
  return error instanceof Error && "code" in error && "syscall" in error;
}

/** A file system's error in words, or undefined for any other error. */
export function fileProblem(error: unknown): string | undefined {
  if (!isFileError(error)) return undefined;
  const reason = meanings[error.code] ?? error.message;
  return error.path === undefined ? reason : `${error.path}: ${reason}`;
}

/** Whether an error, or what caused it, is that a disk has no room left. */
export function isDiskFull(error: unknown): boolean {
  if (isFileError(error)) return error.code === "ENOSPC" || error.code === "EDQUOT";
  return error instanceof Error && error.cause !== undefined && isDiskFull(error.cause);
}
