interface SpokenClip {
  readonly id: string;
  readonly speaker?: string;
}

/** Tells of the clips that condition on themselves, because there is no other of their speaker to train on. */
export function tellLoneClips(
  training: readonly SpokenClip[],
  heldOut: readonly SpokenClip[],
  onWarning: (message: string) => void,
): void {
  const counts = new Map<string | undefined, number>();
  for (const { speaker } of training) counts.set(speaker, (counts.get(speaker) ?? 0) + 1);
  const who = (speaker: string | undefined): string =>
    counts.size === 1 ? "there is" : `speaker ${JSON.stringify(speaker ?? "")} has`;
  for (const [speaker, count] of counts)
    if (count === 1)
      onWarning(
        `${who(speaker)} one clip to train on: it conditions on itself and can copy instead of speak; add clips`,
      );
  for (const speaker of new Set(heldOut.map(({ speaker }) => speaker)))
    if (!counts.has(speaker))
      onWarning(
        `speaker ${JSON.stringify(speaker ?? "")} has no clip to train on: its held-out clips condition on themselves and measure too well; add clips`,
      );
}
