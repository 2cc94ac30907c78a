import type { Tensor } from "@hawksbill/core";
import type { Losses } from "./train-options.js";
import { TrainingError } from "./training-error.js";

/** Losses as numbers. */
export type LossNumbers = Readonly<Record<string, number>> & { readonly loss: number };

/** A batch's losses as numbers. */
export interface BatchLosses {
  readonly losses: LossNumbers;
  /** How many those are the mean of that are no means of `losses.tokens`, by name. */
  readonly counts: Readonly<Record<string, number>>;
}

/** @throws {TrainingError} One of them is not a scalar. */
export async function readLosses(losses: Losses): Promise<BatchLosses> {
  const numbers: Record<string, number> & { loss: number } = { loss: Number.NaN };
  const counts: Record<string, number> = {};
  for (const [name, value] of Object.entries(losses)) {
    if ("count" in value) counts[name] = await scalar(`${name}.count`, value.count);
    numbers[name] = await scalar(name, "count" in value ? value.mean : value);
  }
  return { losses: numbers, counts };
}

async function scalar(name: string, value: Tensor): Promise<number> {
  if (value.size === 1) return value.item();
  throw new TrainingError(
    `train: the loss function gave ${value} for "${name}"; give one element, e.g. mean(x)`,
  );
}

/**
 * How much a batch counts among others.
 *
 * @throws {TrainingError} It is to count by its tokens, and has none.
 */
export function batchWeight(
  losses: LossNumbers,
  by: "tokens" | "equal" = "tokens" in losses ? "tokens" : "equal",
): number {
  if (by === "equal") return 1;
  if (losses.tokens !== undefined) return losses.tokens;
  throw new TrainingError(
    'train: accumulate.weight is "tokens", but the loss function gives none; return { loss, tokens }',
  );
}

/** The losses of several batches as one: `tokens` summed up, the rest averaged by counts of their own, or else the batches' weights. */
export function averageLosses(
  batches: readonly BatchLosses[],
  weights: readonly number[],
): LossNumbers {
  const average = (name: string): number => {
    const shares = batches.map(({ counts }, i) => counts[name] ?? (weights[i] as number));
    const sum = (of: (i: number) => number): number =>
      batches.reduce((total, _, i) => total + of(i), 0);
    const value = (i: number): number => batches[i]?.losses[name] as number;
    if (name === "tokens") return sum(value);
    const total = sum((i) => shares[i] as number);
    return sum((i) => (value(i) * (shares[i] as number)) / total);
  };
  const names = Object.keys(batches[0]?.losses ?? {});
  return { loss: Number.NaN, ...Object.fromEntries(names.map((name) => [name, average(name)])) };
}
