import { disposeTree, type Weights } from "@hawksbill/core";
import { disposeModel } from "@hawksbill/tortoise";
import {
  diffusionPath,
  type ModelPaths,
  modelPaths,
  type OpenedModel,
  openDiffusion,
  openModel,
  openVocoder,
} from "@hawksbill/tortoise/node";
import { given } from "../given.js";
import { modelPath } from "../place.js";
import type { RunRequest } from "./run-config.js";

type BaseSettings = Pick<
  RunRequest,
  "base" | "dvae" | "tokenizer" | "lora" | "basePrecision" | "part" | "diffusion"
>;

/** What a run begins with. */
export interface OpenedBase {
  readonly model: OpenedModel;
  /** Where that is trained. */
  readonly diffusion?: Weights;
  /** To hear it with, where it lies beside the base. */
  readonly vocoder?: Weights;
  /** Frees and closes all of it. */
  close(): Promise<void>;
}

/** Where the files of the model are that a run begins with. */
export async function basePaths({ base, dvae, tokenizer }: BaseSettings): Promise<ModelPaths> {
  return modelPaths(await modelPath(base), given({ dvae, tokenizer }));
}

/** The file of the diffusion decoder, where that is trained. */
export async function decoderPath({
  base,
  part,
  diffusion,
}: BaseSettings): Promise<string | undefined> {
  if (part !== "diffusion") return undefined;
  return diffusion ?? (await diffusionPath(await modelPath(base)));
}

/** The model that a run begins with. UnifiedVoice's weights stay in their file where they are not trained in place. */
export async function openBase(settings: BaseSettings): Promise<OpenedBase> {
  const { lora, basePrecision = "fp32" } = settings;
  const files = await basePaths(settings);
  const decoder = await decoderPath(settings);
  const stored = decoder !== undefined || (lora !== undefined && basePrecision !== "fp32");
  const model = await openModel(files.unifiedVoice, { files, stored });
  const closeModel = async (): Promise<void> => {
    disposeModel(model);
    await model.close();
  };
  if (decoder === undefined) return { model, close: closeModel };
  try {
    const diffusion = await openDiffusion(decoder);
    const vocoder = await openVocoder(decoder);
    const close = async (): Promise<void> => {
      disposeTree(diffusion);
      await vocoder?.close();
      await closeModel();
    };
    return { model, diffusion, ...(vocoder ? { vocoder: vocoder.weights } : {}), close };
  } catch (error) {
    await closeModel();
    throw error;
  }
}
