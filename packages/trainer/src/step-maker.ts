import { disposeTree, type Weights } from "@hawksbill/core";
import type { BatchCursor } from "./batch-cursor.js";
import { GradientSum } from "./gradient-sum.js";
import {
  averageLosses,
  type BatchLosses,
  batchWeight,
  type LossNumbers,
  readLosses,
} from "./loss-numbers.js";
import type { StepOptions, StepReport } from "./optimizer.js";
import type { ResidentTraining } from "./resident-training.js";
import type { Losses, LossProgram, TrainOptions } from "./train-options.js";

/** What one step came to. */
export interface MadeStep extends StepReport {
  readonly losses: LossNumbers;
}

/** Makes one step after another. */
export interface StepMaker<B> {
  next(cursor: BatchCursor<B>, learningRate: number): Promise<MadeStep>;
  /** Whether a step failed after some of the weights had moved: they are then those of no step. */
  readonly isHalfway: boolean;
  dispose(): void;
}

/** Nothing has moved. */
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

  let isHalfway = false;

  /** Takes a batch, and frees it, its losses and its gradients behind what is done with them. */
  async function ofBatch<T>(
    cursor: BatchCursor<B>,
    use: (read: BatchLosses, grads: Weights) => Promise<T>,
  ): Promise<T> {
    const taken = await cursor.next();
    try {
      const { losses, grads } = await program.run(weights, taken.batch);
      try {
        return await use(await readLosses(losses), grads);
      } finally {
        disposeTree([losses, grads]);
      }
    } finally {
      taken.dispose();
    }
  }

  async function ofOneBatch(cursor: BatchCursor<B>, learningRate: number): Promise<MadeStep> {
    return ofBatch(cursor, async ({ losses }, grads) => {
      const report = Number.isFinite(losses.loss)
        ? await move(grads, { learningRate, clip })
        : notFinite;
      return { losses, ...report };
    });
  }

  async function ofSeveral(cursor: BatchCursor<B>, learningRate: number): Promise<MadeStep> {
    const all: BatchLosses[] = [];
    const counts: number[] = [];
    sum.reset();
    while (all.length < batchCount)
      await ofBatch(cursor, async (read, grads) => {
        const count = batchWeight(read.losses, countBy);
        await sum.add(grads, count);
        all.push(read);
        counts.push(count);
      });
    const losses = averageLosses(all, counts);
    const { grads, scale: gradientScale } = sum.total;
    const report = Number.isFinite(losses.loss)
      ? await move(grads, { learningRate, clip, gradientScale })
      : notFinite;
    return { losses, ...report };
  }

  async function partByPart(cursor: BatchCursor<B>, learningRate: number): Promise<MadeStep> {
    const step = optimizer.begin(weights, { learningRate, clip });
    const taken = await cursor.next();
    let isUsable: boolean | undefined;
    const take = async (grads: Weights, losses: Losses): Promise<void> => {
      try {
        isUsable ??= Number.isFinite(await losses.loss.item());
        if (isUsable) step.update(grads);
      } finally {
        disposeTree(grads);
      }
    };
    try {
      const { losses, grads } = await program.run(weights, taken.batch, take);
      try {
        await take(grads, losses); // What it did not give in parts.
        const read = await readLosses(losses);
        return { losses: read.losses, ...(isUsable ? step.end() : notFinite) };
      } finally {
        disposeTree(losses);
      }
    } catch (error) {
      isHalfway = step.hasMoved;
      throw error;
    } finally {
      taken.dispose();
    }
  }

  const one = options.update === "parts" ? partByPart : ofOneBatch;
  return {
    next: batchCount === 1 ? one : ofSeveral,
    get isHalfway() {
      return isHalfway || resident?.isHalfway === true;
    },
    dispose: () => sum.dispose(),
  };
}
