import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CheckpointError } from "@hawksbill/checkpoint";
import { modelFiles } from "../model.js";

/** A model's files by what is in them. */
export type ModelPaths = Readonly<Record<keyof typeof modelFiles, string>>;

/** What each file may be called: as `saveModel` writes it, or as TorToiSe released it. */
const names: Readonly<Record<keyof typeof modelFiles, readonly string[]>> = {
  tokenizer: [modelFiles.tokenizer, "bpe_lowercase_asr_256.json"], // DL-Art-School's name for it.
  dvae: [modelFiles.dvae, "dvae.pth"],
  unifiedVoice: [modelFiles.unifiedVoice, "autoregressive.pth", "autoregressive.safetensors"],
};

const sources: Readonly<Record<keyof typeof modelFiles, string>> = {
  tokenizer:
    "the vocabulary; TorToiSe's is tortoise/data/tokenizer.json at github.com/neonbjb/tortoise-tts",
  dvae: "the dVAE; TorToiSe's comes with: hawksbill download dvae",
  unifiedVoice: "the UnifiedVoice; TorToiSe's comes with: hawksbill download tortoise",
};

/**
 * Where a model's files are.
 *
 * @param place A folder with all of them, or the UnifiedVoice's file with the others beside it.
 * @param given Files that are elsewhere.
 * @throws {CheckpointError} One is missing; it says where to get it.
 */
export async function modelPaths(
  place: string,
  given: Partial<ModelPaths> = {},
): Promise<ModelPaths> {
  const isFile = (await stat(place).catch(() => undefined))?.isFile() ?? false;
  const folder = isFile ? dirname(place) : place;
  const find = async (part: keyof ModelPaths): Promise<string> => {
    const path = given[part] ?? (isFile && part === "unifiedVoice" ? place : undefined);
    if (path !== undefined) return path;
    for (const name of names[part])
      if (await stat(join(folder, name)).catch(() => undefined)) return join(folder, name);
    throw new CheckpointError(
      folder,
      `has no ${names[part].join(", ")} (${sources[part]}); put it there, or ${part === "unifiedVoice" ? "give the file itself" : `say with "${part}" which file it is`}`,
    );
  };
  return {
    unifiedVoice: await find("unifiedVoice"),
    dvae: await find("dvae"),
    tokenizer: await find("tokenizer"),
  };
}
