import { CheckpointError } from "@hawksbill/checkpoint";
import { cast, mapTree, type Shape, type Tensor, type Weights } from "@hawksbill/core";

/** A model's tensors by name, as shapes. */
export type ShapeTable = Readonly<Record<string, Shape>>;

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

/** How errors speak of weights. */
export interface WeightSource {
  /** What the file is called. */
  readonly file: string;
  /** What is wanted, e.g. "a CLVP". */
  readonly model: string;
}

/**
 * One length of a tensor that tells a size.
 *
 * @throws {CheckpointError} The tensor is missing or has not this axis.
 */
export function lengthIn(
  weights: Weights,
  name: string,
  axis: number,
  { file, model }: WeightSource,
): number {
  const shape = weights[name]?.shape;
  const length = shape?.[axis];
  if (length === undefined)
    throw new CheckpointError(
      file,
      `${shape ? `is [${shape.join(", ")}]` : "is missing"}; give the weights of ${model}`,
      { tensor: name },
    );
  return length;
}

/** How many tensors of a series are there. */
export function countIn(weights: Weights, name: (i: number) => string): number {
  let count = 0;
  while (Object.hasOwn(weights, name(count))) count++;
  return count;
}

/** Weights as the programs compute with them: float16 becomes float32 there, on the device. */
export function inFloat32(weights: Weights): Weights {
  return mapTree(weights, (x) => cast(x, "float32"));
}
