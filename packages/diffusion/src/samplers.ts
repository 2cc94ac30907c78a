import { halfLogRatio, posterior, respace, type Schedule, trainedSchedule } from "./schedule.js";

/**
 * One step of a sampler, from a noisy mel x to a less noisy one. With the mel x0 that the model believes
 * in, clipped to [-1, 1], all samplers are sums:
 *
 *     x0 = x · signalOfState - noise · signalOfNoise
 *     x ← x · state + x0 · signal + (x0 of the step before) · previousSignal + √variance · normal numbers
 */
export interface SamplerStep {
  /** What the model is told. */
  readonly timestep: number;
  /** The step's place on the way, from nearly 0 at the noisiest to 1 at the last; scales guidance. */
  readonly progress: number;
  readonly signalOfState: number;
  readonly signalOfNoise: number;
  readonly state: number;
  readonly signal: number;
  /** Default 0. */
  readonly previousSignal?: number;
  /** Bounds of the variance's natural log, between which the model decides; default no noise. */
  readonly logVariance?: readonly [low: number, high: number];
}

/** How noise becomes a mel. */
export type Sampler =
  /** Each step draws from what the model takes for likely, as TorToiSe does: for 80 steps or more. */
  | "ancestral"
  /** Straight to the mel that the first noise belongs to. */
  | "ddim"
  /** The same way in fewer steps, because each looks at the one before it, too. */
  | "dpm++2m";

export interface SamplerOptions {
  readonly sampler: Sampler;
  /** How often the model is asked, from 2. */
  readonly steps: number;
  /** For "ddim": how much of the ancestral sampler's noise is added again, 0 (default: none) to 1. */
  readonly eta?: number;
  /** What the model was trained on; default `trainedSchedule()`. */
  readonly schedule?: Schedule;
}

/**
 * The steps of a sampler, the noisiest first.
 *
 * @throws {RangeError} An option is out of its range.
 */
export function samplerSteps(options: SamplerOptions): SamplerStep[] {
  const { sampler, steps, eta = 0, schedule = trainedSchedule() } = options;
  if (!(eta >= 0 && eta <= 1)) throw new RangeError(`samplerSteps: eta is ${eta}; give 0 to 1`);
  const respaced = respace(schedule, steps, sampler === "dpm++2m" ? "noise" : "time");
  if (sampler === "ancestral") return ancestralSteps(respaced);
  if (sampler === "ddim") return ddimSteps(respaced, eta);
  if (sampler === "dpm++2m") return dpmSolverSteps(respaced);
  throw new RangeError(
    `samplerSteps: there is no sampler "${sampler}"; give "ancestral", "ddim" or "dpm++2m"`,
  );
}

/** Sampling of "Denoising Diffusion Probabilistic Models" (Ho et al., 2020), with learned variances. */
function ancestralSteps(schedule: Schedule): SamplerStep[] {
  return stepsBack(schedule, (i) => {
    const { fromState, fromSignal, logVariance } = posterior(schedule, i);
    return { state: fromState, signal: fromSignal, ...(i > 0 ? { logVariance } : {}) };
  });
}

/** "Denoising Diffusion Implicit Models" (Song et al., 2021). */
function ddimSteps(schedule: Schedule, eta: number): SamplerStep[] {
  return stepsBack(schedule, (i) => {
    const { now, before } = signalAround(schedule, i);
    const variance = eta ** 2 * ((1 - before) / (1 - now)) * (1 - now / before);
    // The noise that x holds beside x0 is kept in this share.
    const state = Math.sqrt((1 - before - variance) / (1 - now));
    const signal = Math.sqrt(before) - state * Math.sqrt(now);
    const log = Math.log(variance);
    return { state, signal, ...(variance > 0 ? { logVariance: [log, log] as const } : {}) };
  });
}

/**
 * DPM-Solver++(2M) of "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic Models"
 * (Lu et al., 2022), over the noise that the model was trained with. The first step and the last are of
 * first order.
 *
 * @param schedule Evenly spaced by noise: evenly by time, its last step would be ten times as wide as the others.
 */
function dpmSolverSteps(schedule: Schedule): SamplerStep[] {
  const { timesteps, signal } = schedule;
  const trainedSteps = (timesteps.at(-1) ?? 0) + 1;
  return stepsBack(schedule, (i) => {
    // Guidance grows with time as in the other samplers, whose steps are even in it.
    const progress = 1 - (timesteps[i] as number) / trainedSteps;
    if (i === 0) return { progress, state: 0, signal: 1 };
    const { now, before } = signalAround(schedule, i);
    const h = halfLogRatio(before) - halfLogRatio(now);
    const state = Math.sqrt((1 - before) / (1 - now));
    const share = -Math.sqrt(before) * Math.expm1(-h);
    if (i === timesteps.length - 1) return { progress, state, signal: share };
    const lastH = halfLogRatio(now) - halfLogRatio(signal[i + 1] as number);
    const beyond = h / lastH / 2; // How far the line through the last two x0 is followed.
    return { progress, state, signal: share * (1 + beyond), previousSignal: -share * beyond };
  });
}

/** @param step What is particular to a sampler; by its number in the schedule. */
function stepsBack(
  { timesteps, signal }: Schedule,
  step: (i: number) => Pick<SamplerStep, "state" | "signal"> & Partial<SamplerStep>,
): SamplerStep[] {
  const all = timesteps.map((timestep, i) => ({
    timestep,
    progress: 1 - i / timesteps.length,
    signalOfState: Math.sqrt(1 / (signal[i] as number)),
    signalOfNoise: Math.sqrt(1 / (signal[i] as number) - 1),
    ...step(i),
  }));
  return all.reverse();
}

/** ᾱ of step `i`, and of the less noisy one that sampling takes after it. */
function signalAround({ signal }: Schedule, i: number): { now: number; before: number } {
  return { now: signal[i] as number, before: signal[i - 1] ?? 1 };
}
