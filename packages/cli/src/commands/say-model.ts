import { readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, parse, resolve } from "node:path";
import type { Device } from "@hawksbill/core";
import { fileSets, findCached, huggingFaceCache } from "@hawksbill/hub";
import { modelFiles, type Speaker, type TortoisePart, tortoiseFiles } from "@hawksbill/tortoise";
import { type OpenSpeakerOptions, openSpeaker, openSpeakerProcess } from "@hawksbill/tortoise/node";
import {
  deviceOptions,
  type ReportingTools,
  type ToolOptions,
  warnOfFallback,
} from "../context.js";
import { exists, modelPath, placeOf } from "../place.js";
import { runFiles } from "../run/run-files.js";

export interface ModelFlags {
  readonly weights?: "fp32" | "int8" | "int4" | undefined;
  readonly model?: string | undefined;
  readonly tokenizer?: string | undefined;
  readonly autoregressive?: string | undefined;
  readonly diffusion?: string | undefined;
}

/** How users call the files that `hawksbill download tortoise` got. */
const downloaded = "tortoise";

/** The model to speak with, on the device. @throws See `openSpeaker`. */
export async function openModelSpeaker(flags: ModelFlags, device: Device): Promise<Speaker> {
  const { folder, options } = await placeOfSpeaker(flags);
  return openSpeaker(folder, device, options);
}

/** The model to speak with, in a process of its own. @throws See `openSpeakerProcess`. */
export async function openModelProcess(
  flags: ModelFlags & Pick<ToolOptions, "device" | "threads" | "products">,
  { reporter }: Pick<ReportingTools, "reporter">,
): Promise<Speaker> {
  const { folder, options } = await placeOfSpeaker(flags);
  const { device } = flags;
  return openSpeakerProcess(folder, {
    ...options,
    ...(device === undefined ? {} : { device }),
    ...deviceOptions(flags),
    onFallback: warnOfFallback(reporter),
  });
}

/** What a model's files are called, whether .pth or .safetensors. */
const modelNames = [
  ...Object.values(modelFiles),
  ...Object.values(tortoiseFiles).map(({ name }) => name),
].map((name) => parse(name).name);

/** What tells a model from every other, in its place too: its files, how large they are, and when they were written. */
export async function stampOf(flags: ModelFlags): Promise<readonly string[]> {
  const { folder, options } = await placeOfSpeaker(flags);
  const names = (await readdir(folder).catch(() => [])).sort();
  const own = names.filter((name) => modelNames.includes(parse(name).name));
  const paths = [...own.map((name) => join(folder, name)), ...Object.values(options.files ?? {})];
  return Promise.all(
    paths.map(async (path) => {
      const { size, mtimeMs } = await stat(path);
      return `${resolve(path)} ${size} ${mtimeMs}`;
    }),
  );
}

/** Where the model lies, and how it is to be opened. */
async function placeOfSpeaker({
  model,
  tokenizer,
  autoregressive,
  diffusion,
  weights,
}: ModelFlags): Promise<{ readonly folder: string; readonly options: OpenSpeakerOptions }> {
  const isDownloaded = model === downloaded;
  const folder = isDownloaded && !(await isFolder(model)) ? model : await modelPath(placeOf(model));
  const files: Partial<Record<TortoisePart | "tokenizer", string>> = {
    ...(isDownloaded && !(await holdsModel(folder)) ? await downloadedFiles(folder) : {}),
    ...(tokenizer === undefined ? {} : { tokenizer }),
    ...(autoregressive === undefined ? {} : { autoregressive: await weightsOf(autoregressive) }),
    ...(diffusion === undefined ? {} : { diffusion: await decoderOf(diffusion) }),
  };
  return {
    folder,
    options: { files, ...(weights === undefined || weights === "fp32" ? {} : { weights }) },
  };
}

/** Whether a folder called as the downloads are is that of another model. */
async function holdsModel(folder: string): Promise<boolean> {
  return exists(join(folder, modelFiles.unifiedVoice));
}

/** Those of TorToiSe's files that are in the cache of downloads, but not in a folder of the user's. */
async function downloadedFiles(folder: string): Promise<Partial<Record<TortoisePart, string>>> {
  const own = (await readdir(folder).catch(() => [])).map((name) => parse(name).name);
  const cache = huggingFaceCache(process.env, homedir());
  const remote = Object.values(fileSets).flatMap((set) => set.files);
  const found: Partial<Record<TortoisePart, string>> = {};
  for (const [part, { name }] of Object.entries(tortoiseFiles)) {
    if (own.includes(parse(name).name)) continue;
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

/** A file of a diffusion decoder itself, or that of the run in a folder. */
async function decoderOf(path: string): Promise<string> {
  return (await isFolder(path)) ? join(path, runFiles.diffusion) : path;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
