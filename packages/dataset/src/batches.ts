import { Random } from "@hawksbill/core";
import { DatasetError } from "./dataset-error.js";

/** How an epoch is cut into batches. */
export interface BatchOptions {
  /** Clips in a batch; the last one may have fewer. */
  readonly batchSize: number;
  readonly seed: number;
  /** Counted from 0; each has an order of its own. */
  readonly epoch: number;
  /** Told what is not as asked for: a batch size larger than the dataset. */
  readonly onWarning?: (message: string) => void;
}

/**
 * One epoch: every clip once, in batches of clips that last about as long, so that little is padding.
 * The same seed and epoch give the same batches.
 *
 * Clips are shuffled, sorted by length within stretches of some batches, cut, and the batches shuffled:
 * which clips meet in a batch still changes from epoch to epoch.
 *
 * @throws {DatasetError} There are no clips, or the batch size is not a whole number above 0.
 */
export function batches<T extends { readonly seconds: number }>(
  clips: readonly T[],
  { batchSize, seed, epoch, onWarning }: BatchOptions,
): T[][] {
  if (clips.length === 0) throw new DatasetError("batches: there are no clips; give at least one");
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new DatasetError(`batches: batchSize is ${batchSize}; give a whole number above 0`);
  if (batchSize > clips.length)
    onWarning?.(
      `the batch size is ${batchSize}, but there are only ${clips.length} clips: every batch has all of them`,
    );
  const random = new Random(seed).fork(`epoch ${epoch}`);
  const stretches = chunks(random.shuffle(clips), batchSize * batchesInStretch);
  const all = stretches.flatMap((stretch) => chunks(stretch.sort(byLength), batchSize));
  return random.shuffle(all);
}

/** Enough that lengths within a batch are close, few enough that batches differ between epochs. */
const batchesInStretch = 8;

function byLength(a: { readonly seconds: number }, b: { readonly seconds: number }): number {
  return a.seconds - b.seconds;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
