import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CheckpointError } from "@hawksbill/checkpoint";
import { writeFileAtomic, writeSafetensors } from "@hawksbill/checkpoint/node";
import { loadModel, type Model, modelFiles, settingsKey } from "../model.js";

/**
 * A model from a folder with tokenizer.json, dvae.safetensors and unified-voice.safetensors.
 *
 * @throws {CheckpointError} A file is missing, damaged, or not of this model.
 */
export async function openModel(folder: string): Promise<Model> {
  const read = async (name: string): Promise<Uint8Array> => {
    const path = join(folder, name);
    try {
      return await readFile(path);
    } catch (cause) {
      throw new CheckpointError(
        path,
        `cannot be read; give a folder with ${Object.values(modelFiles).join(", ")}`,
        { cause },
      );
    }
  };
  return loadModel({
    tokenizer: await read(modelFiles.tokenizer),
    dvae: await read(modelFiles.dvae),
    unifiedVoice: await read(modelFiles.unifiedVoice),
  });
}

/**
 * Writes a model into a folder, which is made if needed, so that `openModel` reads it; each file whole or not at all.
 *
 * @param metadata What to note in the weights' files, e.g. where they come from.
 */
export async function saveModel(
  folder: string,
  model: Model,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tokenizer = JSON.stringify(model.tokenizer.toJSON());
  await writeFileAtomic(join(folder, modelFiles.tokenizer), new TextEncoder().encode(tokenizer));
  await writeSafetensors(join(folder, modelFiles.dvae), model.dvae, metadata);
  await writeSafetensors(join(folder, modelFiles.unifiedVoice), model.unifiedVoice, {
    ...metadata,
    [settingsKey]: JSON.stringify(model.settings),
  });
}
