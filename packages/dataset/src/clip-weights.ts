import { DatasetError } from "./dataset-error.js";

/** What a clip's weight depends on. */
export interface WeighedClip {
  readonly seconds: number;
  readonly speaker?: string;
  /** See `combineDatasets`. */
  readonly weight?: number;
}

/**
 * How often each clip is to come in an epoch, on average, for `batches`.
 *
 * @param options.balance How far speakers are made equal: 0 leaves each as much of the epoch as there
 *   is speech of them, 1 gives every speaker the same, but for the weights of datasets; default 0. In between, a
 *   speaker's share goes with seconds^(1 - balance). The epoch stays as long as it is.
 * @throws {DatasetError} The balance is not between 0 and 1.
 */
export function clipWeights(
  clips: readonly WeighedClip[],
  { balance = 0 }: { readonly balance?: number } = {},
): number[] {
  if (!(balance >= 0 && balance <= 1))
    throw new DatasetError(`clipWeights: balance is ${balance}; give a number from 0 to 1`);
  const given = clips.map(({ weight = 1 }) => weight);
  if (balance === 0) return given;
  const secondsOf = new Map<string, number>();
  for (const { speaker = "", seconds } of clips)
    secondsOf.set(speaker, (secondsOf.get(speaker) ?? 0) + seconds);
  const balanced = clips.map(
    ({ speaker = "" }, i) => (given[i] as number) * (secondsOf.get(speaker) || 1) ** -balance,
  );
  const scale = sum(given) / sum(balanced);
  return balanced.map((weight) => weight * scale);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
