import { CheckpointError } from "@hawksbill/checkpoint";
import type { Tensor, Weights } from "@hawksbill/core";

/**
 * One tensor of a model.
 *
 * @throws {CheckpointError} There is none of this name.
 */
export function namedWeight(weights: Weights, name: string): Tensor {
  const weight = weights[name];
  if (!weight)
    throw new CheckpointError(
      "UnifiedVoice weights",
      "is missing; check them with inferConfig(weights)",
      { tensor: name },
    );
  return weight;
}
