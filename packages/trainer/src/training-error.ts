import type { TrainingState } from "./training-state.js";

/** Training cannot begin or cannot go on; `state`, where there is one, holds all that was reached. */
export class TrainingError extends Error {
  override readonly name = "TrainingError";
  /** Go on from here: `train({ …, resume: error.state })`. */
  readonly state: TrainingState | undefined;

  constructor(message: string, options: ErrorOptions & { state?: TrainingState } = {}) {
    super(message, options);
    this.state = options.state;
  }
}
