import type { Device, Weights } from "@hawksbill/core";

/** What an optimiser remembers, to be saved and given back to `load`. */
export interface OptimizerState {
  /** Steps made: skipped ones do not count. */
  readonly step: number;
  /** Running means by their name ("m", "v"), each of the weights' names and shapes. */
  readonly moments: Readonly<Record<string, Weights>>;
}

/** A bound on the gradients. */
export type Clip = ClipNorm | ClipValue;

/** A bound on the length (L2) of the gradients. */
export interface ClipNorm {
  /** Longer gradients are scaled to this length. */
  readonly norm: number;
  /** What is measured by itself: each parameter group (default), each weight, or all together. */
  readonly by?: "group" | "weight" | "all";
}

/** A bound on each number of the gradients, which are changed in place. */
export interface ClipValue {
  readonly value: number;
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
  /** A gradient was NaN or infinite: its part, or all of a step that is not in parts, was left as it was. */
  readonly skipped: boolean;
}

/** A step under way, to which gradients come part by part. */
export interface StepInParts {
  /** Whether any weights have moved: those of a step that has not ended are of no step. */
  readonly hasMoved: boolean;
  /**
   * Moves the weights that these gradients are of.
   *
   * @returns Whether they were finite: if not, these weights are left as they were.
   * @throws {TrainingError} A gradient is of no weight or came before, or some weights of a group are missing that is to
   *   be clipped as one.
   */
  update(grads: Weights): boolean;
  /**
   * @returns The lengths over all parts; `skipped` if any of them was not finite: then the others have moved, but no step
   *   is counted.
   * @throws {TrainingError} Gradients never came, though all that did were finite.
   */
  end(): StepReport;
}

/** An optimiser whose weights, gradients and state stay on a device; only numbers cross. */
export interface DeviceOptimizer {
  /** One step: weights and state get new elements on the device. */
  step(weights: Weights, grads: Weights, options?: StepOptions): Promise<StepReport>;
  /** Whether a step failed after some weights had moved: they are then those of no step. */
  readonly isHalfway: boolean;
  /** Frees its programs. */
  release(): Promise<void>;
}

/** Moves weights against their gradients. */
export interface Optimizer {
  /** Its own tensors, not a copy: they change with every step. */
  readonly state: OptimizerState;
  /** The rate of steps that are not given one. */
  readonly learningRate: number;
  /** One step, in place over the weights' elements, which must be on the host. */
  step(weights: Weights, grads: Weights, options?: StepOptions): StepReport;
  /**
   * Begins a step whose gradients need not be there all at once; weights come out as from `step`.
   *
   * @throws {TrainingError} The gradients are to be clipped all together.
   */
  begin(weights: Weights, options?: StepOptions): StepInParts;
  /** Its steps as programs of a device, with the state shared; left out where they are made on the host only. */
  readonly onDevice?: (device: Device) => DeviceOptimizer;
  /** Goes on from a saved state, which is copied. One that is refused changes nothing. */
  load(state: OptimizerState): void;
  /** Frees its tensors. */
  dispose(): void;
}
