import { dirname, join } from "node:path";
import { modelFiles, tortoiseFiles } from "@hawksbill/tortoise";
import { shellWord } from "../format.js";
import { exists, modelPath } from "../place.js";
import type { Job } from "./job.js";
import { basePaths, decoderPath } from "./open-base.js";

/** The options of `say` and its kin that speak with what a run has trained. */
export async function howToSpeak({
  folder,
  settings,
  diffusion,
}: Pick<Job, "folder" | "settings" | "diffusion">): Promise<string> {
  if (!diffusion) return options({ model: folder });
  const { unifiedVoice, tokenizer } = await basePaths(settings);
  const decoder = (await decoderPath(settings)) as string;
  const model = (await tortoiseFolder([settings.base, dirname(decoder)])) ?? downloaded;
  const isBeside = (path: string, name: string): boolean => path === join(model, name);
  const { autoregressive } = tortoiseFiles;
  return options({
    model,
    ...(isBeside(unifiedVoice, autoregressive.name) ? {} : { autoregressive: unifiedVoice }),
    ...(isBeside(tokenizer, tortoiseFiles.tokenizer.name) ? {} : { tokenizer }),
    diffusion: folder,
  });
}

/** What `--model` calls the files that `hawksbill download tortoise` got. */
const downloaded = "tortoise";

/** The first of some folders that has TorToiSe's own files: a vocoder, and no model of ours. */
async function tortoiseFolder(folders: readonly string[]): Promise<string | undefined> {
  const { name } = tortoiseFiles.vocoder;
  for (const folder of folders) {
    const isOurs = await exists(join(await modelPath(folder), modelFiles.unifiedVoice));
    const vocoders = [name, name.replace(/pth$/, "safetensors")].map((file) => join(folder, file));
    if (!isOurs && (await Promise.all(vocoders.map(exists))).includes(true)) return folder;
  }
  return undefined;
}

function options(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `--${name} ${shellWord(value)}`)
    .join(" ");
}
