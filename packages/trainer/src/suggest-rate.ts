/** A step of a range test. */
export interface RangePoint {
  readonly rate: number;
  /** Of the step's batch, before the step was made. */
  readonly loss: number;
}

/** What a range test says. */
export interface RateSuggestion {
  /** Undefined where the losses do not say it. */
  readonly rate?: number;
  /** In words. */
  readonly why: string;
  /** The loss of each point, averaged with those around it. */
  readonly smoothed: readonly number[];
}

/** Fewer steps show noise, and no slope. */
const fewestPoints = 12;

/**
 * The learning rate that a range test speaks for: where the smoothed loss falls fastest, but at most a tenth of the
 * rate at which it is lowest.
 *
 * @param points By rising rates.
 * @param notFiniteAt The rate at which the loss or its gradients were NaN or infinite, behind the points.
 * @see Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, for the test; Gugger, "How Do You Find A
 *   Good Learning Rate", 2018, for the two rules.
 */
export function suggestRate(points: readonly RangePoint[], notFiniteAt?: number): RateSuggestion {
  const reach = Math.max(1, Math.round(points.length / 20));
  const losses = points.map(({ loss }) => loss);
  const smoothed = losses.map((_, i) => mean(losses.slice(Math.max(0, i - reach), i + reach + 1)));
  if (points.length < fewestPoints) {
    const few = `there are ${points.length} steps, too few to tell`;
    const why =
      notFiniteAt === undefined
        ? `${few}; give more`
        : `${few}: at a rate of ${text(notFiniteAt)} loss or gradients were NaN or infinite; give lower rates, or look at the batches`;
    return { why, smoothed };
  }
  const lowest = smoothed.indexOf(Math.min(...smoothed));
  const fall = (smoothed[0] as number) - (smoothed[lowest] as number);
  const noise = Math.sqrt(mean(losses.map((loss, i) => (loss - (smoothed[i] as number)) ** 2)));
  if (!(fall > noise))
    return {
      why: `the loss fell by no more (${fall.toPrecision(2)}) than it changes from batch to batch (${noise.toPrecision(2)}); give more steps, larger batches, or higher rates`,
      smoothed,
    };
  const steepest = steepestFall(points, smoothed, { last: lowest, reach });
  const [atSteepest, atLowest] = [points[steepest]?.rate ?? 0, points[lowest]?.rate ?? 0];
  const rate = Math.min(atSteepest, atLowest / 10);
  const why =
    rate === atSteepest
      ? `there the smoothed loss fell fastest; it was lowest at ${text(atLowest)}`
      : `that is a tenth of the rate at which the smoothed loss was lowest (${text(atLowest)}), and less than that at which it fell fastest (${text(atSteepest)})`;
  return { rate, why, smoothed };
}

/** Whether the loss has grown so far beyond its lowest that higher rates need not be tried. */
export function hasDiverged(losses: readonly number[]): boolean {
  const width = 5; // A batch that is hard by chance is no divergence.
  if (losses.length < 2 * width) return false;
  const means = losses.slice(width - 1).map((_, i) => mean(losses.slice(i, i + width)));
  return !((means.at(-1) as number) <= 2 * Math.min(...means));
}

function steepestFall(
  points: readonly RangePoint[],
  smoothed: readonly number[],
  { last, reach }: { readonly last: number; readonly reach: number },
): number {
  let [steepest, most] = [0, Number.POSITIVE_INFINITY];
  for (let i = 0; i <= last; i++) {
    const [before, after] = [Math.max(0, i - reach), Math.min(points.length - 1, i + reach)];
    const decades = Math.log10((points[after]?.rate ?? 1) / (points[before]?.rate ?? 1));
    const slope = ((smoothed[after] as number) - (smoothed[before] as number)) / decades;
    if (slope < most) [steepest, most] = [i, slope];
  }
  return steepest;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function text(rate: number): string {
  return rate.toExponential(1);
}
