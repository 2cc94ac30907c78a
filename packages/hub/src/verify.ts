import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { DownloadEvent } from "./options.js";
import { isGitId } from "./remote-file.js";

/** What vouches for a file's content. */
export type Proof = Extract<DownloadEvent, { readonly type: "verified" }>["by"];

/** What a file's content must be. */
export interface Expected {
  /** A sha256 or a git object id. */
  readonly id?: string | undefined;
  readonly bytes?: number | undefined;
}

/** A verdict on a file's content. */
export interface Verdict {
  /** What is wrong, or undefined. */
  readonly problem: string | undefined;
  readonly by: Proof;
  /** The id wanted; where none is, the sha256. */
  readonly id: string;
}

/**
 * Compares a file on the disk with what is known of it.
 *
 * @param signal Aborting it stops the reading.
 */
export async function verify(
  path: string,
  { id, bytes }: Expected,
  signal: AbortSignal | undefined,
): Promise<Verdict> {
  const { size } = await stat(path);
  const isGit = id !== undefined && isGitId(id);
  const hash = isGit ? createHash("sha1").update(`blob ${size}\0`) : createHash("sha256");
  const found = await hashFile(path, hash, signal);
  const by = proofOf({ id, bytes });
  let problem: string | undefined;
  if (bytes !== undefined && size !== bytes) problem = `it has ${size} bytes, not ${bytes}`;
  else if (id !== undefined && id !== found) problem = `its ${by} is ${found}, not ${id}`;
  return { problem, by, id: found };
}

function proofOf({ id, bytes }: Expected): Proof {
  if (id !== undefined) return isGitId(id) ? "git object id" : "sha256";
  return bytes === undefined ? "nothing" : "length";
}

async function hashFile(
  path: string,
  hash: Hash,
  signal: AbortSignal | undefined,
): Promise<string> {
  for await (const chunk of createReadStream(path, {
    highWaterMark: 2 ** 20,
    ...(signal ? { signal } : {}),
  }))
    hash.update(chunk);
  return hash.digest("hex");
}
