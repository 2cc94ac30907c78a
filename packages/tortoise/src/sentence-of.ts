/** The clip whose text is spoken to hear what training does: one that is not learnt, if there is one. */
export function sentenceOf<T>({
  training,
  heldOut,
}: {
  readonly training: readonly T[];
  readonly heldOut: readonly T[];
}): T {
  return heldOut[0] ?? (training[0] as T);
}
