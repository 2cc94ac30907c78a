import type { TrainOptions } from "./train-options.js";
import { TrainingError } from "./training-error.js";

/** @throws {TrainingError} An option of `train` makes no sense, or none without another. */
export function requireOptions<B>(options: TrainOptions<B>): void {
  requireCount("steps", options.steps);
  requireCount("accumulate.batches", options.accumulate?.batches);
  requireCount("evaluate.every", options.evaluate?.every);
  requireCount("best.patience", options.best?.patience);
  requireCount("checkpoint.every", options.checkpoint?.every);
  requireCount("maxSkipped", options.maxSkipped);
  if (options.update === "parts") requireParts(options);
  if (options.best && !options.evaluate)
    throw new TrainingError(
      "train: best needs held-out losses to tell what is best; give evaluate, too",
    );
  if (options.evaluate?.of === "average" && !options.average)
    throw new TrainingError(
      'train: evaluate.of is "average", but none is kept; give average: movingAverage(weights)',
    );
}

function requireParts<B>({ loss, accumulate, clip }: TrainOptions<B>): void {
  const problem =
    typeof loss === "function"
      ? "the loss is one function; give a LossProgram, e.g. chainGradients of @hawksbill/core"
      : (accumulate?.batches ?? 1) > 1
        ? `a step has ${accumulate?.batches} batches; give one`
        : clip && "norm" in clip && clip.by === "all"
          ? 'gradients are clipped all together; clip by "weight", by value, or not'
          : undefined;
  if (problem) throw new TrainingError(`train: update is "parts", but ${problem}`);
}

function requireCount(name: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= 1))
    throw new TrainingError(`train: ${name} is ${value}; give a whole number >= 1`);
}
