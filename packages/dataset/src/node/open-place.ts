/// <reference types="node" />
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Files } from "../files.js";
import { openFolder } from "./open-folder.js";

/**
 * A dataset by its folder, or by one list in its folder: `my-voice`, `my-voice/clean.jsonl`.
 *
 * @returns The folder's files, and the list's name for `prepareDataset` and its kin.
 * @throws {DatasetError} There is neither a folder nor a file.
 */
export async function openPlace(
  path: string,
): Promise<{ readonly files: Files; readonly list?: string }> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return { files: await openFolder(path) };
  return { files: await openFolder(dirname(path)), list: basename(path) };
}
