import type { BestWeights } from "./best-weights.js";
import { copyWeights } from "./host-weights.js";
import type { TrainOptions } from "./train-options.js";
import { TrainingError } from "./training-error.js";
import type { TrainingState } from "./training-state.js";

/**
 * Copies a saved state into what is trained.
 *
 * @throws {TrainingError} It is of another model or optimiser, or one of the two keeps a moving average and the other none.
 */
export function loadState<B>(
  resume: TrainingState,
  { weights, optimizer, average }: TrainOptions<B>,
  best: BestWeights | undefined,
): void {
  if (average && !resume.average)
    throw new TrainingError(
      "train: resume has no moving average, it was saved without; leave average out to go on, or start anew",
    );
  if (!average && resume.average)
    throw new TrainingError(
      "train: resume has a moving average; give average: movingAverage(weights) to go on with it",
    );
  copyWeights("train: resume.weights", resume.weights, weights);
  optimizer.load(resume.optimizer);
  if (resume.average) average?.load(resume.average);
  if (resume.best) best?.load(resume.best);
}
