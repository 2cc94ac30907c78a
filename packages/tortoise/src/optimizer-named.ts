import type { Weights } from "@hawksbill/core";
import { adamW, adamW8bit, lion, type Optimizer, sgd } from "@hawksbill/trainer";

/** The optimisers that fine-tuning offers. */
export const optimizerNames = ["adamw", "adamw8bit", "lion", "sgd"] as const;

export type OptimizerName = (typeof optimizerNames)[number];

export interface OptimizerSettings {
  readonly learningRate: number;
  /** Default 0.01; none in "sgd". */
  readonly weightDecay?: number;
  /** Of AdamW and Lion; default theirs. */
  readonly betas?: readonly [number, number];
}

/** An optimiser by its name. "sgd" has a momentum of 0.9. */
export function optimizerNamed(
  name: OptimizerName,
  weights: Weights,
  settings: OptimizerSettings,
): Optimizer {
  if (name === "sgd") return sgd(weights, { momentum: 0.9, nesterov: true, ...settings });
  return { adamw: adamW, adamw8bit: adamW8bit, lion }[name](weights, settings);
}
