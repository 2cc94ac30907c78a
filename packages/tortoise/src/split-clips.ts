import { DatasetError, splitDataset } from "@hawksbill/dataset";

/**
 * The clips that are measured and those that are trained on, both in the order given.
 *
 * @param heldOut How many clips to measure, which share of them, or their ids.
 * @throws {DatasetError} An id is not among the clips, or no clip would be left to train on.
 */
export function splitClips<T extends { readonly id: string }>(
  clips: readonly T[],
  heldOut: number | readonly string[],
  seed: number,
): { readonly training: T[]; readonly heldOut: T[] } {
  if (typeof heldOut === "number") return splitDataset(clips, { heldOut, seed });
  const ids = new Set(heldOut);
  for (const id of ids)
    if (!clips.some((clip) => clip.id === id))
      throw new DatasetError(
        `finetune: "${id}" is to be held out, but no clip has this id; give ids of clips that can be used`,
      );
  if (ids.size === clips.length)
    throw new DatasetError(
      `finetune: all ${clips.length} clips are to be held out, so none is left to train on; hold out fewer`,
    );
  return {
    training: clips.filter(({ id }) => !ids.has(id)),
    heldOut: clips.filter(({ id }) => ids.has(id)),
  };
}
