import type { Losses } from "./train-options.js";
import { TrainingError } from "./training-error.js";

/** A batch's losses as numbers. */
export type LossNumbers = Readonly<Record<string, number>> & { readonly loss: number };

/** @throws {TrainingError} One of them is not a scalar. */
export async function readLosses(losses: Losses): Promise<LossNumbers> {
  const numbers: Record<string, number> & { loss: number } = { loss: Number.NaN };
  for (const [name, value] of Object.entries(losses)) {
    if (value.size !== 1)
      throw new TrainingError(
        `train: the loss function gave ${value} for "${name}"; give one element, e.g. mean(x)`,
      );
    numbers[name] = await value.item();
  }
  return numbers;
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

/** The losses of several batches as one: `tokens` summed up, the rest averaged by the batches' weights. */
export function averageLosses(
  batches: readonly LossNumbers[],
  weights: readonly number[],
): LossNumbers {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const average = (name: string): number =>
    batches.reduce((sum, losses, i) => {
      const value = losses[name] as number;
      return sum + (name === "tokens" ? value : (value * (weights[i] as number)) / total);
    }, 0);
  const names = Object.keys(batches[0] ?? {});
  return { loss: Number.NaN, ...Object.fromEntries(names.map((name) => [name, average(name)])) };
}
