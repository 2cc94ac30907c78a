import type { Random } from "@hawksbill/core";

/** Clips of the same voice to condition on. */
export interface OtherClips<T> {
  readonly clips: T[];
  /** Whether the clip is its own condition, because there is no other: it can then copy instead of speak. */
  readonly isItself: boolean;
}

/**
 * Picks clips to condition one clip on: others of its speaker, all different while there are enough.
 *
 * @param clips Clips to pick from; may have `clip` among them, which is known by its id, and clips of
 *   other speakers.
 */
export function otherClips<T extends { readonly id: string; readonly speaker?: string }>(
  clip: T,
  clips: readonly T[],
  { count, random }: { readonly count: number; readonly random: Random },
): OtherClips<T> {
  const others = clips.filter(({ id, speaker }) => id !== clip.id && speaker === clip.speaker);
  if (others.length === 0) return { clips: Array<T>(count).fill(clip), isItself: true };
  const picked: T[] = [];
  while (picked.length < count) {
    const i = picked.length % others.length;
    // The first step of a shuffle, as often as clips are wanted; when all are used it begins again.
    const j = i + random.integer(others.length - i);
    [others[i], others[j]] = [others[j] as T, others[i] as T];
    picked.push(others[i] as T);
  }
  return { clips: picked, isItself: false };
}
