/// <reference types="node" />
import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { DatasetError } from "../dataset-error.js";
import type { Files } from "../files.js";

/**
 * The files of a folder on disk.
 *
 * @throws {DatasetError} There is no such folder. Reading a path that leads out of the folder throws it too.
 */
export async function openFolder(path: string): Promise<Files> {
  const root = resolve(path);
  const found = await stat(root).catch(() => undefined);
  if (!found?.isDirectory())
    throw new DatasetError(
      found
        ? `openFolder: ${path} is a file; give the folder that holds metadata.csv`
        : `openFolder: there is no folder ${path}; check the path`,
    );
  const inside = (part: string): string => {
    const full = join(root, part);
    if (full === root || full.startsWith(root.endsWith(sep) ? root : root + sep)) return full;
    throw new DatasetError(`openFolder: ${part} is outside ${path}; give a path inside it`);
  };
  return {
    name: path,
    async read(file) {
      return ifThere(readFile(inside(file)));
    },
    async list(folder) {
      const entries = await ifThere(readdir(inside(folder), { withFileTypes: true }));
      return (entries ?? []).filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    },
    async folders(folder) {
      const entries = await ifThere(readdir(inside(folder), { withFileTypes: true }));
      const names: string[] = [];
      for (const entry of entries ?? []) {
        const isLinked =
          entry.isSymbolicLink() && (await isFolder(join(inside(folder), entry.name)));
        if (entry.isDirectory() || isLinked) names.push(entry.name);
      }
      return names;
    },
  };
}

async function isFolder(path: string): Promise<boolean> {
  return (await ifThere(stat(path)))?.isDirectory() ?? false;
}

/** The result, or undefined if the file or folder is not there. */
async function ifThere<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (
      error instanceof Error &&
      "code" in error &&
      ["ENOENT", "ENOTDIR"].includes(`${error.code}`)
    )
      return undefined;
    throw error;
  }
}
