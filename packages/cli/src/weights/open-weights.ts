import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type Checkpoint, inspect, type ModelKindName } from "@hawksbill/checkpoint";
import { openCheckpoint } from "@hawksbill/checkpoint/node";
import { subtree, type Weights } from "@hawksbill/core";
import { modelFiles } from "@hawksbill/tortoise";
import { decodeAdapter, type SavedAdapter } from "@hawksbill/trainer";
import { importStateDict, type Layout } from "@hawksbill/unified-voice";
import { CliError } from "../cli-error.js";
import { embedded, exists, modelPath } from "../place.js";
import { runFiles } from "../run/run-files.js";

/** Weights of a model whose numbers stay in their file until they are read. */
export interface OpenedModel {
  readonly type: "model";
  /** As it was named on the command line. */
  readonly name: string;
  readonly kind: ModelKindName;
  readonly title: string;
  /** By the model's own names, without what wrappers and other programs add. */
  readonly weights: Weights;
  /** Of a UnifiedVoice: whose definition it is, and what that one has besides. */
  readonly layout: Layout;
  readonly extras: Weights;
  readonly metadata: Readonly<Record<string, string>>;
  /** Of the whole model, where it lies in one. */
  readonly folder?: string;
  close(): Promise<void>;
}

export interface OpenedAdapter {
  readonly type: "adapter";
  readonly name: string;
  readonly adapter: SavedAdapter;
  readonly metadata: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Opens a model or adapter: a folder (a model's or a run's), `embedded`, a .pth or .safetensors file, a state of training.
 *
 * @param part Which of a folder's models.
 * @throws {CliError} It is none of these, or not whole.
 */
export async function openWeights(
  name: string,
  part: "unifiedVoice" | "dvae" = "unifiedVoice",
): Promise<OpenedModel | OpenedAdapter> {
  const folder = await folderOf(name);
  const file = folder === undefined ? name : join(folder, modelFiles[part]);
  if (folder !== undefined && !(await exists(file)))
    throw new CliError(
      `${name}: the folder has no ${modelFiles[part]}; give the folder of a model or a run, or a file`,
    );
  const checkpoint = await openCheckpoint(file);
  try {
    const opened = understood(name, checkpoint);
    return {
      ...opened,
      name,
      metadata: checkpoint.metadata,
      ...(folder === undefined ? {} : { folder }),
      close: () => checkpoint.close(),
    };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

async function folderOf(name: string): Promise<string | undefined> {
  if (name === embedded && !(await exists(name))) return modelPath(embedded);
  const isFolder = (await stat(name).catch(() => undefined))?.isDirectory() ?? false;
  return isFolder ? modelPath(name) : undefined;
}

type Understood =
  | Omit<OpenedModel, "name" | "metadata" | "close">
  | Omit<OpenedAdapter, "name" | "metadata" | "close">;

function understood(name: string, checkpoint: Checkpoint): Understood {
  const { kind, title, model, fits, prefix, missing, misshapen } = inspect(checkpoint);
  const [wrong] = [...missing, ...misshapen];
  if (!fits && wrong && kind !== "unified-voice")
    // Of that, importStateDict says it better.
    throw new CliError(
      `${name}: is not whole (${wrong.tensor}: ${wrong.cause}); look at it with hawksbill inspect`,
    );
  if (kind === "adapter")
    return { type: "adapter", adapter: decodeAdapter(checkpoint as AdapterFile, name) };
  if (kind === "hawksbill-training") {
    if (model === "adapter")
      throw new CliError(
        `${name}: is the state of an adapter's training; give the run's ${runFiles.adapter}`,
      );
    const average = subtree(checkpoint.tensors, "average"); // What was measured, where there is one.
    const hasAverage = Object.keys(average).length > 0;
    return modelOf(name, model, hasAverage ? average : subtree(checkpoint.tensors, "weights"));
  }
  const inner = prefix === "" ? checkpoint.tensors : withoutPrefix(checkpoint.tensors, prefix);
  return modelOf(name, kind, kind === "unified-voice" ? checkpoint.tensors : inner, title);
}

type AdapterFile = Parameters<typeof decodeAdapter>[0];

/** Kinds of files that hold something else than a model. */
const notModels = ["voice-latents", "voice-clips", "mel-norms", "dlas-training", "unknown"];

function modelOf(
  name: string,
  kind: string | undefined,
  weights: Weights,
  title = "UnifiedVoice",
): Understood {
  if (kind === undefined || notModels.includes(kind))
    throw new CliError(
      `${name}: holds no model and no adapter that Hawksbill knows; look at it with hawksbill inspect`,
    );
  const found = { type: "model", kind: kind as ModelKindName, title } as const;
  if (kind !== "unified-voice") return { ...found, weights, layout: "tortoise", extras: {} };
  const { weights: own, layout, extras } = importStateDict(weights, name);
  return { ...found, weights: own, layout, extras };
}

function withoutPrefix(tensors: Weights, prefix: string): Weights {
  return Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, x]) => [name.slice(prefix.length), x]),
  );
}
