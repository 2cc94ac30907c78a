import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import type { InputFile } from "./check-file.js";

/** A file on the disk, and whether the user named it or its folder. */
export interface FoundFile {
  readonly path: string;
  readonly named: boolean;
}

const extensions = [".safetensors", ".json", ".pth"];

/**
 * The files among paths and in the folders among them, in order.
 *
 * @throws {Error} A path does not exist.
 */
export async function findFiles(paths: readonly string[]): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const path of paths) {
    if (!existsSync(path)) throw new Error(`there is no file or folder "${path}"`);
    if (!(await isFolder(path))) found.push({ path, named: true });
    else for (const file of await filesIn(path)) found.push({ path: file, named: false });
  }
  return found;
}

async function filesIn(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    if (await isFolder(path)) files.push(...(await filesIn(path)));
    else if (extensions.includes(extname(name))) files.push(path);
  }
  return files;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory();
}

/**
 * Reads a file, and for JSON the tokenizer's vocabulary.
 *
 * @param tokenizer The vocabulary's path; default tortoise-tokenizer.json beside the file, in `../data` seen
 *   from its folder, or in `../shared/data`.
 */
export async function readInput(path: string, tokenizer: string | undefined): Promise<InputFile> {
  const bytes = await readFile(path);
  if (extname(path) !== ".json") return { name: path, bytes };
  const places = [dirname(path), join(dirname(path), "..", "data"), join("..", "shared", "data")];
  const usual = places.map((place) => join(place, "tortoise-tokenizer.json"));
  const vocabulary = tokenizer ?? usual.find((place) => existsSync(place));
  if (vocabulary === undefined) return { name: path, bytes };
  return { name: path, bytes, vocabulary: JSON.parse(await readFile(vocabulary, "utf8")) };
}
