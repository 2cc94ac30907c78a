import { type ModelPaths, modelPaths, type OpenedModel, openModel } from "@hawksbill/tortoise/node";
import { modelPath } from "../place.js";
import type { RunRequest } from "./run-config.js";
import { given } from "./training-options.js";

type BaseSettings = Pick<RunRequest, "base" | "dvae" | "tokenizer" | "lora" | "basePrecision">;

/** Where the files of the model are that a run begins with. */
export async function basePaths({ base, dvae, tokenizer }: BaseSettings): Promise<ModelPaths> {
  return modelPaths(await modelPath(base), given({ dvae, tokenizer }));
}

/** The model that a run begins with. Beside an adapter, weights that it takes copies of stay in their file. */
export async function openBase(settings: BaseSettings): Promise<OpenedModel> {
  const { lora, basePrecision = "fp32" } = settings;
  const files = await basePaths(settings);
  const stored = lora !== undefined && basePrecision !== "fp32";
  return openModel(files.unifiedVoice, { files, stored });
}
