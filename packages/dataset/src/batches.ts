import { Random } from "@hawksbill/core";
import { DatasetError } from "./dataset-error.js";

/** How an epoch is cut into batches. */
export interface BatchOptions {
  /** Clips in a batch; the last one may have fewer. */
  readonly batchSize: number;
  readonly seed: number;
  /** Counted from 0; each has an order of its own. */
  readonly epoch: number;
  /** How often each clip comes, on average over epochs; see `clipWeights`. Default once. */
  readonly weights?: readonly number[];
  /** Told what is not as asked for: a batch size larger than the dataset. */
  readonly onWarning?: (message: string) => void;
}

/**
 * One epoch: every clip once, or as often as its weight says, in batches of clips that last about as
 * long, so that little is padding. The same seed and epoch give the same batches.
 *
 * Clips are shuffled, sorted by length within stretches of some batches, cut, and the batches shuffled:
 * which clips meet in a batch still changes from epoch to epoch.
 *
 * @throws {DatasetError} There are no clips, the batch size is not a whole number above 0, or weights
 *   are not one for each clip, 0 or more, and some above 0.
 */
export function batches<T extends { readonly seconds: number }>(
  clips: readonly T[],
  { batchSize, seed, epoch, weights, onWarning }: BatchOptions,
): T[][] {
  if (clips.length === 0) throw new DatasetError("batches: there are no clips; give at least one");
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new DatasetError(`batches: batchSize is ${batchSize}; give a whole number above 0`);
  if (batchSize > clips.length)
    onWarning?.(
      `the batch size is ${batchSize}, but there are only ${clips.length} clips: every batch has all of them`,
    );
  const random = new Random(seed).fork(`epoch ${epoch}`);
  const drawn = weights ? drawClips(clips, weights, random) : clips;
  const stretches = chunks(random.shuffle(drawn), batchSize * batchesInStretch);
  const all = stretches.flatMap((stretch) => chunks(stretch.sort(byLength), batchSize));
  return random.shuffle(all);
}

/**
 * Each clip as often as its weight says: 2.3 is twice, and a third time in three epochs of ten. At
 * least one clip is drawn.
 */
function drawClips<T>(clips: readonly T[], weights: readonly number[], random: Random): T[] {
  const isWeight = (weight: number): boolean => weight >= 0 && Number.isFinite(weight);
  if (weights.length !== clips.length || !weights.every(isWeight) || !weights.some((w) => w > 0))
    throw new DatasetError(
      `batches: there are ${weights.length} weights for ${clips.length} clips; give each a number of 0 or more, some above 0`,
    );
  const offset = random.next();
  let total = 0;
  // Along a line on which each clip takes its weight's length, whole steps from the offset on are drawn.
  const drawn = random.shuffle([...clips.keys()]).flatMap((i) => {
    const before = Math.floor(total + offset);
    total += weights[i] as number;
    return Array<T>(Math.floor(total + offset) - before).fill(clips[i] as T);
  });
  return drawn.length > 0 ? drawn : [clips[weights.indexOf(Math.max(...weights))] as T];
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
