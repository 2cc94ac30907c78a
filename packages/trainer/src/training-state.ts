import type { RandomState, Weights } from "@hawksbill/core";
import type { OptimizerState } from "./optimizer.js";

/** All that is needed to go on exactly where training stands. */
export interface TrainingState {
  /** Steps made. */
  readonly step: number;
  /** Which round over the data, from 0. */
  readonly epoch: number;
  /** Batches of this epoch already used. */
  readonly batch: number;
  readonly weights: Weights;
  readonly optimizer: OptimizerState;
  readonly random: RandomState;
}
