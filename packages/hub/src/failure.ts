import { DownloadError, type DownloadProblem, type PlaceError } from "./download-error.js";
import type { RemoteFile } from "./remote-file.js";

/** What all places' failures come to: a list of them, and what can be done. */
export function failure(file: RemoteFile, failures: readonly PlaceError[]): DownloadError {
  const problems = new Set(failures.map(({ problem }) => problem));
  const [problem = "name"] = problems;
  const list = failures.map(({ url, reason }) => `\n  ${url}: ${reason}`).join("");
  const steps = advice(problems, file, failures).map((step) => `\n- ${step}`);
  return new DownloadError(
    problems.size > 1 ? "several" : problem,
    file.name,
    `could not be downloaded${list}\nWhat to do:${steps.join("")}`,
    { failures, cause: failures.at(-1) },
  );
}

function advice(
  problems: ReadonlySet<DownloadProblem>,
  { name, sha256 }: RemoteFile,
  failures: readonly PlaceError[],
): string[] {
  const has = (...some: readonly DownloadProblem[]): boolean => some.some((p) => problems.has(p));
  const steps: string[] = [];
  if (failures.length === 0) steps.push("name a place that has it");
  if (has("network", "stalled", "server"))
    steps.push("look after the network and run it again: it goes on where it stopped");
  const wait = Math.max(0, ...failures.map(({ waitSeconds = 0 }) => waitSeconds));
  if (has("busy")) steps.push(`run it again ${wait > 0 ? `after ${wait} s` : "later"}`);
  if (has("refused"))
    steps.push(
      "accept its terms on the website, if it has any, and give an access token (HF_TOKEN)",
    );
  if (has("gone", "refused", "content", "length", "redirects")) {
    steps.push("give another server that has it (endpoints; --endpoint)");
    if (sha256 !== undefined)
      steps.push(
        `find a copy of ${name} elsewhere, sha256 ${sha256}, and put it into the cache (importFile; --from FILE)`,
      );
  }
  return steps;
}

/** What the operating system's error codes mean to someone who downloads a file. */
const meanings: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space or choose another cache, and run it again",
  EDQUOT: "your share of the disk is used up; free some space or choose another cache",
  EACCES: "permission is denied; change the permissions or choose another cache",
  EPERM: "permission is denied; change the permissions or choose another cache",
  EROFS: "the disk is read-only; choose another cache",
  ENOTDIR: "a part of the cache's path is a file; choose another cache",
  EISDIR: "a folder is in its place; give a file, or remove the folder",
  ENOENT: "there is no such file or folder; check the path",
};

/** A file system's error as one of downloads; any other as it is. */
export function inDiskWords(error: unknown, name: string): unknown {
  if (!(error instanceof Error && "code" in error && "syscall" in error)) return error;
  const path = "path" in error ? `${error.path}: ` : "";
  const reason = meanings[String(error.code)] ?? error.message;
  return new DownloadError("disk", name, `${path}${reason}`, { cause: error });
}
