/** A checkpoint as far as it decides whether to keep it. */
export interface KeptCheckpoint {
  readonly step: number;
  /** Of the held-out batches at this step; none: it was not measured. */
  readonly loss?: number;
}

export interface Retention {
  /** So many of the newest are kept, 1 or more; default 1. */
  readonly last?: number;
  /** And so many of those with the lowest loss; default 0. */
  readonly best?: number;
}

/**
 * Those checkpoints that may be deleted: neither among the newest nor among the best.
 *
 * To lose nothing when a run is killed, delete them after the newest is written.
 *
 * @returns In the order given. Of equal losses the earlier one is the better.
 */
export function expiredCheckpoints<C extends KeptCheckpoint>(
  checkpoints: readonly C[],
  keep: Retention = {},
): C[] {
  const { last = 1, best = 0 } = keep;
  requireCount("last", last, 1);
  requireCount("best", best, 0);
  const bySteps = checkpoints.toSorted((a, b) => a.step - b.step);
  const measured = bySteps.filter(({ loss }) => loss !== undefined && !Number.isNaN(loss));
  const byLoss = measured.toSorted((a, b) => (a.loss as number) - (b.loss as number));
  const kept = new Set([...bySteps.slice(-last), ...byLoss.slice(0, best)]);
  return checkpoints.filter((checkpoint) => !kept.has(checkpoint));
}

function requireCount(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least)
    throw new RangeError(`keep: ${name} is ${value}; give a whole number >= ${least}`);
}
