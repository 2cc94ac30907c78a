import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CheckpointError, inspect } from "@hawksbill/checkpoint";
import { openCheckpoint } from "@hawksbill/checkpoint/node";
import { disposeTree, type Tensor, type Weights } from "@hawksbill/core";
import { inferDiffusionConfig } from "@hawksbill/diffusion";
import { tortoiseFiles } from "../pipeline/tortoise-files.js";
import { generator } from "../pipeline/tortoise-model.js";
import { inFloat32 } from "../weights-in-memory.js";

/**
 * Where the diffusion decoder's file is.
 *
 * @param base A folder of TorToiSe's files, or one of them: it lies beside them.
 * @throws {CheckpointError} It is not there; it says where to get it.
 */
export async function diffusionPath(base: string): Promise<string> {
  const path = await fileBeside(base, "diffusion");
  if (path !== undefined) return path;
  const { name, holds, get } = tortoiseFiles.diffusion;
  throw new CheckpointError(
    base,
    `has no ${name} beside it (${holds}); ${get}; put it there, or say which file it is`,
  );
}

async function fileBeside(
  base: string,
  part: "diffusion" | "vocoder",
): Promise<string | undefined> {
  const isFile = (await stat(base).catch(() => undefined))?.isFile() ?? false;
  const { name } = tortoiseFiles[part];
  for (const one of [name, name.replace(/pth$/, "safetensors")]) {
    const path = join(isFile ? dirname(base) : base, one);
    if (await stat(path).catch(() => undefined)) return path;
  }
  return undefined;
}

/** A vocoder whose weights lie in their file. */
export interface OpenedVocoder {
  readonly weights: Weights;
  close(): Promise<void>;
}

/** UnivNet beside other files of TorToiSe's, if it is there. @throws {CheckpointError} The file is damaged. */
export async function openVocoder(base: string): Promise<OpenedVocoder | undefined> {
  const path = await fileBeside(base, "vocoder");
  if (path === undefined) return undefined;
  const { tensors, close } = await openCheckpoint(path);
  return { weights: generator(tensors), close };
}

/**
 * A diffusion decoder to be trained: its weights in memory, in float32.
 *
 * @throws {CheckpointError} The file is damaged, of another kind, or not whole.
 */
export async function openDiffusion(path: string): Promise<Weights> {
  const checkpoint = await openCheckpoint(path);
  const weights: Record<string, Tensor> = {};
  try {
    const { kind, title, prefix } = inspect(checkpoint);
    if (kind !== "diffusion")
      throw new CheckpointError(path, `is of another kind (${title}); give a diffusion decoder's`);
    for (const [name, x] of Object.entries(checkpoint.tensors))
      if (name.startsWith(prefix))
        weights[name.slice(prefix.length)] = await inFloat32(name.slice(prefix.length), x);
    inferDiffusionConfig(weights, path);
    return weights;
  } catch (error) {
    disposeTree(weights);
    throw error;
  } finally {
    await checkpoint.close();
  }
}
