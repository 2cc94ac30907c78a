import type { Weights } from "@hawksbill/core";
import {
  type FinetuneEvent,
  type FinetuneOptions,
  finetune,
  finetuneDiffusion,
  type Model,
} from "@hawksbill/tortoise";
import { given } from "../given.js";
import type { RunSettings } from "./run-config.js";
import { trainingOptions } from "./training-options.js";

/** Trains the part of a model that the settings mean, in place. @param more Beside the settings, or in their place. */
export function finetunePart(
  { model, diffusion }: { readonly model: Model; readonly diffusion?: Weights },
  settings: RunSettings,
  more: Omit<FinetuneOptions, "model">,
): AsyncGenerator<FinetuneEvent, void, undefined> {
  const options = { ...trainingOptions(settings), ...more };
  if (!diffusion) return finetune({ ...options, model });
  const { unconditioned } = settings;
  return finetuneDiffusion({ ...options, model, diffusion, ...given({ unconditioned }) });
}
