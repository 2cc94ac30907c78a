import { open, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { DownloadError } from "./download-error.js";

/**
 * Does work that no other process may do to the same file at the same time.
 *
 * @throws {DownloadError} Another process is at it.
 */
export async function withLock<T>(path: string, name: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const owner = `${process.pid} ${hostname()}`;
  if (!(await created(lock, owner))) {
    const other = await readFile(lock, "utf8").catch(() => "");
    if (!isOver(other)) throw lockedError(name, lock, other);
    await rm(lock, { force: true });
    if (!(await created(lock, owner))) throw lockedError(name, lock, "");
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function created(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    await file.writeFile(content).finally(() => file.close());
    return true;
  } catch (error) {
    if (Object(error).code === "EEXIST") return false;
    throw error;
  }
}

/** Whether the owner was a process of this machine that has ended. */
function isOver(owner: string): boolean {
  const [, pid, host] = /^(\d+) (.+)$/.exec(owner) ?? [];
  if (pid === undefined || host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0); // Asks whether it is there, and sends nothing.
    return false;
  } catch (error) {
    return Object(error).code === "ESRCH";
  }
}

function lockedError(name: string, lock: string, owner: string): DownloadError {
  const who = owner === "" ? "another process" : `process ${owner.replace(" ", " on ")}`;
  return new DownloadError(
    "locked",
    name,
    `${who} is downloading it; wait until it is done (or, if none is, delete ${lock})`,
  );
}
