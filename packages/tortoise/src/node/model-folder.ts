import { mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { CheckpointError, inspect } from "@hawksbill/checkpoint";
import { openCheckpoint, writeFileAtomic, writeSafetensors } from "@hawksbill/checkpoint/node";
import { disposeTree, type Tensor, type Weights } from "@hawksbill/core";
import { importStateDict } from "@hawksbill/unified-voice";
import { type Model, modelFiles, modelOf, settingsKey, tokenizerOf } from "../model.js";
import { inFloat32 } from "../weights-in-memory.js";
import { type ModelPaths, modelPaths } from "./model-paths.js";

export interface OpenModelOptions {
  /** Files that are not in the folder. */
  readonly files?: Partial<ModelPaths>;
  /** Leave the UnifiedVoice's weights in their file, for training an adapter beside them; default false. */
  readonly stored?: boolean;
}

/** A model that was read from files. */
export interface OpenedModel extends Model {
  /** Closes the file that stored weights lie in. */
  close(): Promise<void>;
}

/**
 * A model from its files: as `saveModel` writes them, or TorToiSe's own `autoregressive.pth`, `dvae.pth` and
 * `tokenizer.json`. The UnifiedVoice may also be one that tortoise-tts or DL-Art-School fine-tuned, .pth or .safetensors.
 *
 * @param place A folder with the files, or the UnifiedVoice's file with the others beside it.
 * @throws {CheckpointError} A file is missing, damaged, of another kind, or not of this model.
 */
export async function openModel(
  place: string,
  { files = {}, stored = false }: OpenModelOptions = {},
): Promise<OpenedModel> {
  const paths = await modelPaths(place, files);
  const tokenizer = tokenizerOf(await readBytes(paths.tokenizer), basename(paths.tokenizer));
  const voice = await openCheckpoint(paths.unifiedVoice);
  const loaded: Weights[] = [];
  try {
    const { weights } = importStateDict(voice.tensors, paths.unifiedVoice);
    const dvae = await dvaeWeights(paths.dvae);
    loaded.push(dvae);
    const unifiedVoice = stored ? { ...weights } : await inMemory(weights);
    if (!stored) loaded.push(unifiedVoice);
    const names = { dvae: basename(paths.dvae), unifiedVoice: basename(paths.unifiedVoice) };
    const model = modelOf({ tokenizer, dvae, unifiedVoice, metadata: voice.metadata, names });
    if (!stored) await voice.close();
    return { ...model, close: () => (stored ? voice.close() : Promise.resolve()) };
  } catch (error) {
    disposeTree(loaded);
    await voice.close();
    throw error;
  }
}

async function dvaeWeights(path: string): Promise<Weights> {
  const checkpoint = await openCheckpoint(path);
  try {
    const { kind, title, prefix } = inspect(checkpoint);
    if (kind !== "dvae")
      throw new CheckpointError(path, `is of another kind (${title}); give a dVAE's`);
    const own = Object.entries(checkpoint.tensors).flatMap(([name, x]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), x] as const] : [],
    );
    return await inMemory(Object.fromEntries(own));
  } finally {
    await checkpoint.close();
  }
}

/** Weights read from their file, in float32. */
async function inMemory(stored: Weights): Promise<Weights> {
  const weights: Record<string, Tensor> = {};
  try {
    for (const [name, x] of Object.entries(stored)) weights[name] = await inFloat32(name, x);
    return weights;
  } catch (error) {
    disposeTree(weights);
    throw error;
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw new CheckpointError(path, "cannot be read; give the model's tokenizer", { cause });
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
