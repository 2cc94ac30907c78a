import { createHash } from "node:crypto";

/** Longer names are not for every file system. */
const mostLetters = 100;

/** A folder's name for a combination's: no two combinations share one. */
export function runFolderName(name: string): string {
  const isPlain = /^[a-zA-Z0-9.=+ -]+$/.test(name) && name.length <= mostLetters;
  if (isPlain) return name.replaceAll(" ", "_");
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.replaceAll(/[^\w.=+-]+/g, "_").slice(0, mostLetters)}-${hash}`;
}
