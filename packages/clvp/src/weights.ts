import { CheckpointError } from "@hawksbill/checkpoint";
import { cast, mapTree, type Tensor, type Weights } from "@hawksbill/core";

/**
 * One tensor of a model.
 *
 * @throws {CheckpointError} There is none of this name.
 */
export function namedWeight(weights: Weights, name: string): Tensor {
  const weight = weights[name];
  if (!weight)
    throw new CheckpointError("weights", "is missing; give all weights of the model", {
      tensor: name,
    });
  return weight;
}

/** Weights as the programs compute with them: float16 becomes float32 there, on the device. */
export function inFloat32(weights: Weights): Weights {
  return mapTree(weights, (x) => cast(x, "float32"));
}
