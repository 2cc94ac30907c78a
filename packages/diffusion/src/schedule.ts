/** How noise comes over a mel spectrogram, step by step. */
export interface Schedule {
  /** What the model is told at each step: the step's number in the schedule that it was trained on. Rising. */
  readonly timesteps: readonly number[];
  /** Share of the signal in the power at each step, ᾱ, falling from nearly 1. */
  readonly signal: readonly number[];
}

/**
 * The schedule that TorToiSe's decoder was trained on: as in "Denoising Diffusion Probabilistic Models"
 * (Ho et al., 2020), with β rising linearly, but in 4000 steps.
 */
export function trainedSchedule(steps = 4000): Schedule {
  if (!Number.isInteger(steps) || steps < 2)
    throw new RangeError(`trainedSchedule: steps is ${steps}; give a whole number of 2 or more`);
  const scale = 1000 / steps; // The paper's β are for 1000 steps.
  const [first, last] = [1e-4 * scale, 0.02 * scale];
  const signal: number[] = [];
  for (let i = 0, product = 1; i < steps; i++) {
    product *= 1 - (first + (i * (last - first)) / (steps - 1));
    signal.push(product);
  }
  return { timesteps: signal.map((_, i) => i), signal };
}

/**
 * Fewer steps of a schedule, its first and its last among them.
 *
 * @param spacing Evenly by "time" (default), as TorToiSe does, or by "noise": by the log of the ratio of
 *   signal to noise, in which DPM-Solver counts.
 * @throws {RangeError} Not 2 to as many steps as the schedule has.
 */
export function respace(
  schedule: Schedule,
  steps: number,
  spacing: "time" | "noise" = "time",
): Schedule {
  const { timesteps, signal } = schedule;
  const { length } = timesteps;
  if (!Number.isInteger(steps) || steps < 2 || steps > length)
    throw new RangeError(`respace: steps is ${steps}; give a whole number from 2 to ${length}`);
  const kept = spacing === "time" ? evenly(length, steps) : evenlyByNoise(signal, steps);
  return {
    timesteps: kept.map((i) => timesteps[i] as number),
    signal: kept.map((i) => signal[i] as number),
  };
}

function evenly(length: number, steps: number): number[] {
  const stride = (length - 1) / (steps - 1);
  const kept: number[] = [];
  // A running sum and halves to even: how a half is rounded decides what the model is told.
  for (let i = 0, at = 0; i < steps; i++, at += stride) kept.push(roundHalfToEven(at));
  return kept;
}

function evenlyByNoise(signal: readonly number[], steps: number): number[] {
  const ratios = signal.map(halfLogRatio); // Falling.
  const [high, low] = [ratios[0] as number, ratios.at(-1) as number];
  const kept: number[] = [];
  for (let i = 0, at = 0; i < steps; i++, at++) {
    const wanted = high + ((low - high) * i) / (steps - 1);
    const off = (index: number): number => Math.abs((ratios[index] as number) - wanted);
    while (at + 1 < ratios.length && off(at + 1) <= off(at)) at++;
    // The first steps of the schedule are far apart in noise: no two of ours may be the same one.
    at = Math.min(at, ratios.length - (steps - i));
    kept.push(at);
  }
  return kept;
}

/** λ of the DPM-Solver papers: the log of the ratio of the signal's amplitude to the noise's. */
export function halfLogRatio(signal: number): number {
  return Math.log(signal / (1 - signal)) / 2;
}

function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** What a step back from one state of the schedule to the one before it is made of. */
export interface Posterior {
  /** Mean of the less noisy state: x0 · `fromSignal` + x · `fromState`. */
  readonly fromSignal: number;
  readonly fromState: number;
  /** Bounds of the natural log of its variance: the true one where the mel is known, and β. */
  readonly logVariance: readonly [low: number, high: number];
}

/** The less noisy state before step `i`, as Bayes' theorem gives it. */
export function posterior(schedule: Schedule, i: number): Posterior {
  const { now, before, beta } = around(schedule, i);
  return {
    fromSignal: (beta * Math.sqrt(before)) / (1 - now),
    fromState: ((1 - before) * Math.sqrt(1 - beta)) / (1 - now),
    // The variance of the last step back is 0, which has no log: it gets that of the one before it.
    logVariance: [Math.log(trueVariance(schedule, Math.max(i, 1))), Math.log(beta)],
  };
}

function trueVariance(schedule: Schedule, i: number): number {
  const { now, before, beta } = around(schedule, i);
  return (beta * (1 - before)) / (1 - now);
}

/** ᾱ at step `i` and before it, and the step's β. */
function around(
  { signal }: Schedule,
  i: number,
): { readonly now: number; readonly before: number; readonly beta: number } {
  const now = signal[i] as number;
  const before = signal[i - 1] ?? 1;
  return { now, before, beta: 1 - now / before };
}
