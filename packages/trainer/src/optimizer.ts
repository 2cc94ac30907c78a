import type { Weights } from "@hawksbill/core";

/** What an optimiser remembers, to be saved and given back to `load`. */
export interface OptimizerState {
  /** Steps made: skipped ones do not count. */
  readonly step: number;
  /** Running means by their name ("m", "v"), each of the weights' names and shapes. */
  readonly moments: Readonly<Record<string, Weights>>;
}

/** A bound on the length (L2) of the gradients. */
export interface Clip {
  /** Longer gradients are scaled to this length. */
  readonly norm: number;
  /** Whether each parameter group is measured by itself (default) or all together. */
  readonly by?: "group" | "all";
}

export interface StepOptions {
  /** Default: the optimiser's own. */
  readonly learningRate?: number;
  readonly clip?: Clip | undefined;
  /** Gradients are multiplied by this before anything else; default 1. */
  readonly gradientScale?: number;
}

export interface StepReport {
  /** Length of each group's gradients before clipping, in the order of the groups. */
  readonly gradNorms: readonly number[];
  /** A gradient was NaN or infinite: weights and state were left as they were. */
  readonly skipped: boolean;
}

/** Moves weights against their gradients. */
export interface Optimizer {
  /** Its own tensors, not a copy: they change with every step. */
  readonly state: OptimizerState;
  /** The rate of steps that are not given one. */
  readonly learningRate: number;
  /** One step, in place over the weights' elements, which must be on the host. */
  step(weights: Weights, grads: Weights, options?: StepOptions): StepReport;
  /** Goes on from a saved state, which is copied. */
  load(state: OptimizerState): void;
  /** Frees its tensors. */
  dispose(): void;
}
