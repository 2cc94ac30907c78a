import type { Weights } from "@hawksbill/core";
import { TrainingError } from "./training-error.js";

/**
 * The elements of one weight, to be read and written in place.
 *
 * @param what Begins the error message: who asks, and for which of its tensors.
 * @throws {TrainingError} There is no such weight, or it is not float32.
 */
export function hostFloats(what: string, weights: Weights, name: string): Float32Array {
  const weight = weights[name];
  if (weight === undefined) throw new TrainingError(`${what} "${name}" is missing`);
  const data = weight.dataSync();
  if (data instanceof Float32Array) return data;
  throw new TrainingError(
    `${what} "${name}" is ${weight.dtype}; give float32 (toFloat32 of @hawksbill/checkpoint makes it)`,
  );
}

/**
 * Copies the elements of `from` into `to`, which keeps its tensors.
 *
 * @throws {TrainingError} A name, shape or dtype of the one is not that of the other; nothing is copied then.
 */
export function copyWeights(what: string, from: Weights, to: Weights): void {
  requireSameForm(what, from, to);
  for (const [name, target] of Object.entries(to))
    (target.dataSync() as Float32Array).set(from[name]?.dataSync() as Float32Array);
}

/** @throws {TrainingError} A name, shape or dtype of the one is not that of the other: `copyWeights` would refuse them. */
export function requireSameForm(what: string, from: Weights, to: Weights): void {
  const unknown = Object.keys(from).find((name) => !(name in to));
  if (unknown !== undefined)
    throw new TrainingError(
      `${what} "${unknown}" belongs to no weight; give the state of this model`,
    );
  for (const [name, target] of Object.entries(to)) {
    const source = from[name];
    if (source === undefined) throw new TrainingError(`${what} "${name}" is missing`);
    if (`${source}` !== `${target}`)
      throw new TrainingError(
        `${what} "${name}" is ${source}, wanted ${target}; give the state of this model`,
      );
  }
}
