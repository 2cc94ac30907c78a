import type { BestWeights } from "./best-weights.js";
import { copyWeights, requireSameForm } from "./host-weights.js";
import type { TrainOptions } from "./train-options.js";
import { TrainingError } from "./training-error.js";
import type { TrainingState } from "./training-state.js";

/**
 * Copies a saved state into what is trained.
 *
 * @throws {TrainingError} Nothing is changed then: it is of another model or optimiser, or one of the two keeps a moving average and the other none.
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
  requireSameForm("train: resume.weights", resume.weights, weights);
  if (resume.average && average)
    requireSameForm("train: resume.average", resume.average, average.weights);
  if (resume.best?.weights) requireSameForm("train: resume.best", resume.best.weights, weights);
  optimizer.load(resume.optimizer); // It refuses before it changes anything.
  copyWeights("train: resume.weights", resume.weights, weights);
  if (resume.average) average?.load(resume.average);
  if (resume.best) best?.load(resume.best);
}
