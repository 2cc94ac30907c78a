import type { Tensor, Weights } from "@hawksbill/core";
import { CheckpointError } from "./checkpoint-error.js";

/**
 * What the functions of a model take its tensors with, by their names.
 *
 * @param model What errors call the weights.
 * @param advice What to do where one is missing.
 * @returns A function that throws a `CheckpointError` where there is no tensor of a name.
 */
export function weightFinder(
  model: string,
  advice = "give all weights of the model",
): (weights: Weights, name: string) => Tensor {
  return (weights, name) => {
    const weight = weights[name];
    if (!weight) throw new CheckpointError(model, `is missing; ${advice}`, { tensor: name });
    return weight;
  };
}
