import { Random } from "@hawksbill/core";
import { DatasetError } from "./dataset-error.js";

/**
 * Sets some clips aside to measure with: the same ones for the same seed.
 *
 * @param options.heldOut How many, or which share if it is below 1 (rounded, but at least one clip).
 * @returns Both parts in the order given.
 * @throws {DatasetError} No clip would be left to train on.
 */
export function splitDataset<T>(
  clips: readonly T[],
  { heldOut, seed }: { readonly heldOut: number; readonly seed: number },
): { readonly training: T[]; readonly heldOut: T[] } {
  if (!(heldOut >= 0) || (heldOut >= 1 && !Number.isInteger(heldOut)))
    throw new DatasetError(
      `splitDataset: heldOut is ${heldOut}; give a whole number of clips, or a share below 1`,
    );
  const count =
    heldOut > 0 && heldOut < 1 ? Math.max(1, Math.round(clips.length * heldOut)) : heldOut;
  if (count >= clips.length)
    throw new DatasetError(
      `splitDataset: ${count} of ${clips.length} clips are to be held out, so none is left to train on; hold out fewer or add clips`,
    );
  const chosen = new Set(new Random(seed).shuffle([...clips.keys()]).slice(0, count));
  return {
    training: clips.filter((_, i) => !chosen.has(i)),
    heldOut: clips.filter((_, i) => chosen.has(i)),
  };
}
