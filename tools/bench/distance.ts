/**
 * ‖ours − theirs‖ / ‖theirs‖; endless if there are more of the one than of the other, or if one is no number: between
 * processes, NaN and Infinity are null.
 */
export function distance(
  ours: readonly (number | null)[],
  theirs: readonly (number | null)[],
): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  let [apart, size] = [0, 0];
  for (const [i, x] of ours.entries()) {
    const y = theirs[i] as number | null;
    if (!Number.isFinite(x) || !Number.isFinite(y)) return Number.POSITIVE_INFINITY;
    apart += ((x as number) - (y as number)) ** 2;
    size += (y as number) ** 2;
  }
  return Math.sqrt(apart / Math.max(size, Number.MIN_VALUE));
}
