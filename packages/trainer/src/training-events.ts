import type { TrainingState } from "./training-state.js";

/** A step was made. */
export interface StepEvent {
  readonly type: "step";
  /** Steps made, this one among them, … */
  readonly step: number;
  /** … of so many. */
  readonly steps: number;
  /** Mean over the step's micro-batches. */
  readonly loss: number;
  /** The other scalars that the loss function returned: `tokens` summed up, the rest averaged, each by its count where it has one. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly learningRate: number;
  /** Length (L2) of all gradients together, before clipping. */
  readonly gradNorm: number;
  readonly seconds: number;
  /** Where the loss function returns `tokens`. */
  readonly tokensPerSecond?: number;
  /** Time to the last step, at the pace of late. */
  readonly etaSeconds: number;
  /** Where `memoryMB` was given. */
  readonly memoryMB?: number;
}

/**
 * A loss or gradient was NaN or infinite: nothing was changed, and the batch is behind us. With `update: "parts"` the
 * parts whose gradients were finite have moved, but the step does not count.
 */
export interface SkippedEvent {
  readonly type: "skipped";
  /** Steps made before. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly gradNorm: number;
  /** Steps skipped one after another, this one among them. */
  readonly inARow: number;
  /** Steps skipped in all, those before a resume among them. */
  readonly total: number;
}

/** The held-out batches were measured. */
export interface EvaluationEvent {
  readonly type: "evaluation";
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Where `best` was given: whether no evaluation before had a lower loss. */
  readonly isBest?: boolean;
  readonly seconds: number;
}

/**
 * The state was saved. Resumed training tells this of the checkpoint that it goes on from, unless only an abort
 * called for it: as the steps that are made again are told again, so each event of a killed run comes.
 */
export interface CheckpointEvent {
  readonly type: "checkpoint";
  readonly step: number;
  readonly steps: number;
  readonly seconds: number;
}

/** Saving failed (a full disk?). Training goes on, and saves again when the next checkpoint is due. */
export interface CheckpointFailedEvent {
  readonly type: "checkpointFailed";
  readonly step: number;
  readonly steps: number;
  readonly error: unknown;
}

/** The last step was made and saved; then, with `best`, the best weights were restored. */
export interface DoneEvent {
  readonly type: "done";
  /** Whether all steps were made, or the patience of `best` ran out before. */
  readonly reason: "steps" | "patience";
  /** Where `best` was given: the step whose held-out loss was the lowest, and that loss. */
  readonly best?: { readonly step: number; readonly loss: number };
  readonly step: number;
  readonly steps: number;
  readonly seconds: number;
  readonly state: TrainingState;
}

/** The abort signal came; the step under way was finished and, with a `checkpoint` option, saved. */
export interface AbortedEvent {
  readonly type: "aborted";
  readonly step: number;
  readonly steps: number;
  /** Whether all steps made are in a saved checkpoint. */
  readonly saved: boolean;
  readonly state: TrainingState;
  /** For a person: where it stands and how to go on. */
  readonly message: string;
}

/** What `train` reports, told apart by `type`. */
export type TrainingEvent =
  | StepEvent
  | SkippedEvent
  | EvaluationEvent
  | CheckpointEvent
  | CheckpointFailedEvent
  | DoneEvent
  | AbortedEvent;
