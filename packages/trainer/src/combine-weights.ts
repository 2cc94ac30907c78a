import { isFloat, lazyTensor, type Tensor, type Weights } from "@hawksbill/core";
import { bytesOf, computed, floatsOf } from "./float-values.js";
import { TrainingError } from "./training-error.js";

/** Weights that count in a combination. */
export interface WeightShare {
  readonly weights: Weights;
  /** What they are multiplied by; may be negative. */
  readonly share: number;
  /** What error messages call them. */
  readonly name: string;
}

/**
 * The weighted sum of the weights of several models of one kind: with shares of 1 / n their mean, e.g. of a
 * run's last checkpoints; with 0.3 and 0.7 a model between two.
 *
 * @returns float32 tensors that are computed when they are read, in float64, e.g. by `writeSafetensors`: no more
 *   than one tensor is in memory. What is not floating point has to be the same in all.
 * @throws {TrainingError} A tensor is in one and not in another, or of another shape; when read: it differs where it
 *   may not.
 */
export function combineWeights(parts: readonly WeightShare[]): Weights {
  requireShares("combineWeights", parts);
  const [first, ...others] = parts as [WeightShare, ...WeightShare[]];
  for (const other of others) requireAlike(first, other);
  const entries = Object.entries(first.weights).map(([name, x]): [string, Tensor] => [
    name,
    isFloat(x.dtype)
      ? computed(x.shape, () => weightedSum(name, parts))
      : sameInAll(name, x, first, others),
  ]);
  return Object.fromEntries(entries);
}

/** @throws {TrainingError} There are no parts. {RangeError} A share is no number. */
export function requireShares(
  who: string,
  parts: readonly Pick<WeightShare, "share" | "name">[],
): void {
  if (parts.length === 0)
    throw new TrainingError(`${who}: there is nothing to combine; give parts`);
  for (const { share, name } of parts)
    if (!Number.isFinite(share))
      throw new RangeError(`${who}: the share of ${name} is ${share}; give a number, e.g. 0.5`);
}

function requireAlike(first: WeightShare, other: WeightShare): void {
  const problem = (name: string, what: string): TrainingError =>
    new TrainingError(
      `combineWeights: "${name}" ${what}; give models of one kind and of the same sizes`,
    );
  for (const [name, x] of Object.entries(first.weights)) {
    const y = other.weights[name];
    if (!y) throw problem(name, `is in ${first.name}, but not in ${other.name}`);
    if (`${x.shape}` !== `${y.shape}` || isFloat(x.dtype) !== isFloat(y.dtype))
      throw problem(name, `is ${x} in ${first.name}, but ${y} in ${other.name}`);
  }
  for (const name of Object.keys(other.weights))
    if (!Object.hasOwn(first.weights, name))
      throw problem(name, `is in ${other.name}, but not in ${first.name}`);
}

async function weightedSum(name: string, parts: readonly WeightShare[]): Promise<Float32Array> {
  const sum = new Float64Array(parts[0]?.weights[name]?.size ?? 0);
  for (const { weights, share } of parts) {
    const values = await floatsOf("combineWeights", name, weights[name] as Tensor);
    for (let i = 0; i < sum.length; i++)
      sum[i] = (sum[i] as number) + share * (values[i] as number);
  }
  return Float32Array.from(sum);
}

function sameInAll(
  name: string,
  x: Tensor,
  first: WeightShare,
  others: readonly WeightShare[],
): Tensor {
  const read = async (): Promise<Uint8Array> => {
    const bytes = bytesOf(await x.data());
    for (const other of others) {
      const theirs = bytesOf(await (other.weights[name] as Tensor).data());
      if (!bytes.every((byte, i) => byte === theirs[i]))
        throw new TrainingError(
          `combineWeights: "${name}" is ${x.dtype}, which has no mean, and differs between ${first.name} and ${other.name}; leave it out`,
        );
    }
    return bytes;
  };
  return lazyTensor({ read }, x);
}
