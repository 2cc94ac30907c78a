import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { encodeSafetensors } from "@hawksbill/checkpoint";
import { type NestedNumbers, tensor } from "@hawksbill/core";
import type { InputFile } from "./check-file.js";

/** A file on the disk, and whether the user named it or its folder. */
export interface FoundFile {
  readonly path: string;
  readonly named: boolean;
}

/** What the .pth files beside it hold; no fixture of its own. */
const expectedName = "expected.safetensors";

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
    else if (extensions.includes(extname(name)) && name !== expectedName) files.push(path);
  }
  return files;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory();
}

/**
 * Reads a file, and what it is checked with: for JSON the tokenizer's vocabulary; for a .pth its numbers, from
 * a .json of its name in the same places, or from expected.safetensors beside it.
 *
 * @param tokenizer The vocabulary's path; default tortoise-tokenizer.json beside the file, in `../data` seen
 *   from its folder, or in `../shared/data`.
 */
export async function readInput(path: string, tokenizer: string | undefined): Promise<InputFile> {
  const bytes = await readFile(path);
  const places = [dirname(path), join(dirname(path), "..", "data"), join("..", "shared", "data")];
  if (extname(path) === ".pth") {
    const expected = await readExpected(path, places);
    return {
      name: path,
      bytes,
      ...(expected && { expected: Buffer.from(expected).toString("base64") }),
    };
  }
  if (extname(path) !== ".json") return { name: path, bytes };
  const usual = places.map((place) => join(place, "tortoise-tokenizer.json"));
  const vocabulary = tokenizer ?? usual.find((place) => existsSync(place));
  if (vocabulary === undefined) return { name: path, bytes };
  return { name: path, bytes, vocabulary: JSON.parse(await readFile(vocabulary, "utf8")) };
}

async function readExpected(
  path: string,
  places: readonly string[],
): Promise<Uint8Array | undefined> {
  const json = places
    .map((place) => join(place, `${basename(path, ".pth")}.json`))
    .find((place) => existsSync(place));
  if (json !== undefined) {
    const numbers: NestedNumbers = JSON.parse(await readFile(json, "utf8"));
    return encodeSafetensors({ tensor: tensor(numbers) });
  }
  const beside = join(dirname(path), expectedName);
  return existsSync(beside) ? readFile(beside) : undefined;
}
