import { disposeTree, type Weights } from "@hawksbill/core";
import type { BatchCursor } from "./batch-cursor.js";
import { GradientSum } from "./gradient-sum.js";
import { averageLosses, batchWeight, type LossNumbers, readLosses } from "./loss-numbers.js";
import type { StepInParts, StepOptions, StepReport } from "./optimizer.js";
import type { ResidentTraining } from "./resident-training.js";
import type { Losses, LossProgram, TrainOptions } from "./train-options.js";

/** What one step came to. */
export interface MadeStep extends StepReport {
  readonly losses: LossNumbers;
}

/** Makes one step after another. */
export interface StepMaker<B> {
  next(cursor: BatchCursor<B>, learningRate: number): Promise<MadeStep>;
  dispose(): void;
}

/** Nothing is changed. */
const notFinite: StepReport = { gradNorms: [Number.NaN], skipped: true };

/** Steps of one batch each or of several added up, that move all weights at once or part by part. */
export function stepMaker<B>(
  options: TrainOptions<B>,
  program: LossProgram<B>,
  resident?: ResidentTraining,
): StepMaker<B> {
  const { weights, optimizer, clip } = options;
  const { batches: batchCount, weight: countBy } = options.accumulate ?? { batches: 1 };
  const sum = resident?.gradients ?? new GradientSum();
  const move = async (grads: Weights, options: StepOptions): Promise<StepReport> =>
    resident ? resident.step(grads, options) : optimizer.step(weights, grads, options);

  async function gradientsOf(
    cursor: BatchCursor<B>,
  ): Promise<{ losses: LossNumbers; grads: Weights }> {
    const taken = await cursor.next();
    try {
      const { losses, grads } = await program.run(weights, taken.batch);
      const numbers = await readLosses(losses);
      disposeTree(losses);
      return { grads, losses: numbers };
    } finally {
      taken.dispose();
    }
  }

  async function ofOneBatch(cursor: BatchCursor<B>, learningRate: number): Promise<MadeStep> {
    const { losses, grads } = await gradientsOf(cursor);
    const report = Number.isFinite(losses.loss)
      ? await move(grads, { learningRate, clip })
      : notFinite;
    disposeTree(grads);
    return { losses, ...report };
  }

  async function ofSeveral(cursor: BatchCursor<B>, learningRate: number): Promise<MadeStep> {
    const all: LossNumbers[] = [];
    const counts: number[] = [];
    sum.reset();
    while (all.length < batchCount) {
      const { losses, grads } = await gradientsOf(cursor);
      const count = batchWeight(losses, countBy);
      await sum.add(grads, count);
      disposeTree(grads);
      all.push(losses);
      counts.push(count);
    }
    const losses = averageLosses(all, counts);
    const { grads, scale: gradientScale } = sum.total;
    const report = Number.isFinite(losses.loss)
      ? await move(grads, { learningRate, clip, gradientScale })
      : notFinite;
    return { losses, ...report };
  }

  async function partByPart(cursor: BatchCursor<B>, learningRate: number): Promise<MadeStep> {
    const taken = await cursor.next();
    const step = optimizer.begin?.(weights, { learningRate, clip }) as StepInParts;
    let isUsable: boolean | undefined;
    const take = async (grads: Weights, losses: Losses): Promise<void> => {
      isUsable ??= Number.isFinite(await losses.loss.item());
      if (isUsable) step.update(grads);
      disposeTree(grads);
    };
    try {
      const { losses, grads } = await program.run(weights, taken.batch, take);
      await take(grads, losses); // What it did not give in parts.
      const numbers = await readLosses(losses);
      disposeTree(losses);
      const report = step.end();
      return { losses: numbers, ...(isUsable ? report : notFinite) };
    } finally {
      taken.dispose();
    }
  }

  const one = options.update === "parts" ? partByPart : ofOneBatch;
  return { next: batchCount === 1 ? one : ofSeveral, dispose: () => sum.dispose() };
}
