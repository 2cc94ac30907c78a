import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Device } from "@hawksbill/core";
import { fileSets, findCached, huggingFaceCache } from "@hawksbill/hub";
import { modelFiles, type Speaker, type TortoisePart, tortoiseFiles } from "@hawksbill/tortoise";
import { openSpeaker } from "@hawksbill/tortoise/node";
import { modelPath, placeOf } from "../place.js";

export interface ModelFlags {
  readonly model?: string | undefined;
  readonly tokenizer?: string | undefined;
  readonly autoregressive?: string | undefined;
}

/** How users call the files that `hawksbill download tortoise` got. */
const downloaded = "tortoise";

/** The model to speak with, on the device. @throws See `openSpeaker`. */
export async function openModelSpeaker(
  { model, tokenizer, autoregressive }: ModelFlags,
  device: Device,
): Promise<Speaker> {
  const isDownloaded = model === downloaded && !(await isFolder(model));
  const files: Partial<Record<TortoisePart | "tokenizer", string>> = {
    ...(isDownloaded ? await downloadedFiles() : {}),
    ...(tokenizer === undefined ? {} : { tokenizer }),
    ...(autoregressive === undefined ? {} : { autoregressive: await weightsOf(autoregressive) }),
  };
  return openSpeaker(isDownloaded ? model : await modelPath(placeOf(model)), device, { files });
}

/** Those of TorToiSe's files that are in the cache of downloads. */
async function downloadedFiles(): Promise<Partial<Record<TortoisePart, string>>> {
  const cache = huggingFaceCache(process.env, homedir());
  const remote = Object.values(fileSets).flatMap((set) => set.files);
  const found: Partial<Record<TortoisePart, string>> = {};
  for (const [part, { name }] of Object.entries(tortoiseFiles)) {
    const file = remote.find((one) => one.name === name);
    const local = file && (await findCached(file, cache));
    if (local) found[part as TortoisePart] = local.path;
  }
  return found;
}

/** A file of weights itself, or that of the run or model in a folder. */
async function weightsOf(path: string): Promise<string> {
  return (await isFolder(path)) ? join(await modelPath(path), modelFiles.unifiedVoice) : path;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
