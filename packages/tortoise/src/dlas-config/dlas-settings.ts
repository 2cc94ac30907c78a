import type { OptimizerName } from "../optimizer-named.js";
import type { ScheduleName } from "../schedule-named.js";

/** What a configuration of DL-Art-School's asks of a fine-tuning. */
export interface DlasSettings {
  /** Files that list the clips. */
  readonly trainingLists?: readonly string[];
  /** Files that list the clips to measure with. */
  readonly heldOutLists?: readonly string[];
  /** Of the clips to train on and to measure with. */
  readonly minimumSeconds?: number;
  readonly maximumSeconds?: number;
  readonly maximumTextTokens?: number;
  /** Of the whole step, before `accumulate` divides it. */
  readonly clipsAStep?: number;
  readonly accumulate?: number;
  readonly steps?: number;
  readonly learningRate?: number;
  readonly optimizer?: OptimizerName;
  readonly weightDecay?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  /** Of each parameter group. */
  readonly clip?: number;
  readonly schedule?: ScheduleName;
  readonly warmupSteps?: number;
  readonly milestones?: readonly number[];
  readonly gamma?: number;
  /** Steps from one restart of the schedule to the next. */
  readonly restartEvery?: number;
  readonly textLossWeight?: number;
  readonly melLossWeight?: number;
  readonly evaluateEvery?: number;
  readonly checkpointEvery?: number;
  readonly keepLast?: number;
  readonly seed?: number;
  /** Clips of the voice that each one hears. */
  readonly conditioningClips?: number;
  /** How much of a moving average each step keeps. */
  readonly averageDecay?: number;
  /** Of the diffusion model: share of the clips whose speech is hidden. */
  readonly unconditioned?: number;
  /** File of the weights to begin with. */
  readonly pretrained?: string;
  /** Of the diffusion model: file of the UnifiedVoice that makes its latents. */
  readonly latentsFrom?: string;
}

/** What became of a key. "kept": it does what it says; "replaced": something else is done; "ignored": it means nothing here. */
export type Verdict = "kept" | "replaced" | "ignored";

/** A key of a configuration, and what becomes of it. */
export interface DlasNote {
  /** With dots: `train.niter`. */
  readonly key: string;
  readonly value: unknown;
  readonly verdict: Verdict;
  /** What is done, in words. */
  readonly what: string;
}

/** What one key does. */
export interface Meaning {
  readonly verdict: Verdict;
  readonly what: string;
  readonly settings?: DlasSettings;
}

/** What a key means, by its value. @throws {RangeError} The value is none that it takes; the message says what it takes. */
export type Rule = (value: unknown) => Meaning;

export const ignored =
  (what: string): Rule =>
  () => ({ verdict: "ignored", what });

export const replaced =
  (what: string): Rule =>
  () => ({ verdict: "replaced", what });

/** A number that is kept as one of the settings. */
export function kept(
  name: keyof DlasSettings,
  what: string,
  wanted: { readonly least?: number; readonly isWhole?: boolean } = {},
): Rule {
  return (value) => {
    const { least = 0, isWhole = false } = wanted;
    const settings = { [name]: numberFrom(value, least, isWhole) } as DlasSettings;
    return { verdict: "kept", what, settings };
  };
}

/** @throws {RangeError} It is no number, or too small. */
export function numberFrom(value: unknown, least: number, isWhole = false): number {
  // YAML takes 1e-5 without a dot for a word.
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  const kind = isWhole ? "a whole number" : "a number";
  if (typeof number === "number" && number >= least && (!isWhole || Number.isSafeInteger(number)))
    return number;
  throw new RangeError(`give ${kind} of ${least} or more`);
}
