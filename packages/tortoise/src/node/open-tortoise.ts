import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { CheckpointError, toFloat32 } from "@hawksbill/checkpoint";
import { openCheckpoint } from "@hawksbill/checkpoint/node";
import { disposeTree, type Tensor, tensor, type Weights } from "@hawksbill/core";
import { Tokenizer } from "@hawksbill/text";
import { disposeAll } from "../dispose-all.js";
import { neededParts, type TortoisePart, tortoiseFiles } from "../pipeline/tortoise-files.js";
import {
  type TortoiseModel,
  type TortoiseModelOptions,
  tortoiseModel,
} from "../pipeline/tortoise-model.js";
import { TortoiseError } from "../tortoise-error.js";

export interface OpenTortoiseOptions extends TortoiseModelOptions {
  /** Files that lie elsewhere or are called otherwise, e.g. a fine-tuned `autoregressive`. */
  readonly files?: Readonly<Partial<Record<TortoisePart | "tokenizer", string>>>;
}

/** A model whose weights lie in files. */
export interface OpenedTortoise extends TortoiseModel {
  /** Closes the files; the model cannot be used afterwards. */
  close(): Promise<void>;
}

/**
 * TorToiSe from a folder with its files, by their released names, as .pth or as .safetensors. Only headers are read:
 * weights come from the files as they are used.
 *
 * @throws {TortoiseError} A file is missing that no speech can be made without; the message says where to get it.
 * @throws {CheckpointError} A file is damaged, of another kind, or does not belong to the others.
 * @throws {TextError} The tokenizer's file is no tokenizer.
 */
export async function openTortoise(
  folder: string,
  { files = {}, ...options }: OpenTortoiseOptions = {},
): Promise<OpenedTortoise> {
  const toClose: (() => Promise<void>)[] = [];
  const close = (): Promise<void> => disposeAll(toClose.splice(0));
  try {
    const tokenizer = await openTokenizer(files.tokenizer ?? join(folder, "tokenizer.json"));
    const weights: Partial<Record<TortoisePart, Weights>> = {};
    for (const part of parts) {
      const path = files[part] ?? (await findFile(folder, part));
      if (path === undefined) continue;
      const checkpoint = await openCheckpoint(path);
      toClose.push(() => checkpoint.close());
      const { floats, made } = await inFloat32(checkpoint.tensors);
      toClose.push(async () => disposeTree(made));
      weights[part] = floats;
    }
    return { ...tortoiseModel(tokenizer, weights, options), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const parts = Object.keys(tortoiseFiles).filter(
  (name): name is TortoisePart => name !== "tokenizer",
);

async function openTokenizer(path: string): Promise<Tokenizer> {
  const { holds, get } = tortoiseFiles.tokenizer;
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new TortoiseError(`${path}: cannot be read (${holds}); ${get}`, { cause });
  });
  try {
    return Tokenizer.fromJSON(JSON.parse(text));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new CheckpointError(path, `is not JSON; ${get}`, { cause });
  }
}

/** @throws {TortoiseError} It is not there, and no speech can be made without it. */
async function findFile(folder: string, part: TortoisePart): Promise<string | undefined> {
  const { name, holds, get } = tortoiseFiles[part];
  for (const candidate of [name, name.replace(/pth$/, "safetensors")]) {
    const path = join(folder, candidate);
    if (await stat(path).catch(() => undefined)) return path;
  }
  if (neededParts.some((needed) => needed === part))
    throw new TortoiseError(`${join(folder, name)}: is missing (${holds}); ${get}`);
  return undefined;
}

/** Weights in half precision are read and widened; others stay in their file. */
async function inFloat32(tensors: Weights): Promise<{ floats: Weights; made: Tensor[] }> {
  const made: Tensor[] = [];
  const floats: Record<string, Tensor> = { ...tensors };
  for (const [name, stored] of Object.entries(tensors)) {
    if (stored.dtype !== "float16") continue;
    const half = tensor(await stored.data(), { shape: stored.shape, dtype: "float16" });
    const { [name]: wide } = toFloat32({ [name]: half });
    half.dispose();
    made.push(wide as Tensor);
    floats[name] = wide as Tensor;
  }
  return { floats, made };
}
