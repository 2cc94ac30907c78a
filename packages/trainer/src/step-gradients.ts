import { disposeTree, type Weights } from "@hawksbill/core";
import type { BatchCursor } from "./batch-cursor.js";
import { GradientSum } from "./gradient-sum.js";
import { averageLosses, batchWeight, type LossNumbers, readLosses } from "./loss-numbers.js";
import type { LossProgram, TrainOptions } from "./train-options.js";

/** What one step goes by. */
interface StepGradients {
  readonly grads: Weights;
  /** The gradients are to be multiplied by this. */
  readonly scale: number;
  readonly losses: LossNumbers;
  dispose(): void;
}

/** Computes the gradients of one step after another, of one batch each or of several added up. */
export interface GradientSource<B> {
  next(cursor: BatchCursor<B>): Promise<StepGradients>;
  dispose(): void;
}

export function gradientSource<B>(
  options: TrainOptions<B>,
  program: LossProgram<B>,
): GradientSource<B> {
  const { batches: batchCount, weight: countBy } = options.accumulate ?? { batches: 1 };
  const sum = new GradientSum();

  async function ofOneBatch(cursor: BatchCursor<B>): Promise<StepGradients> {
    const taken = await cursor.next();
    try {
      const { losses, grads } = await program.run(options.weights, taken.batch);
      const numbers = await readLosses(losses);
      disposeTree(losses);
      return { grads, scale: 1, losses: numbers, dispose: () => disposeTree(grads) };
    } finally {
      taken.dispose();
    }
  }

  async function ofSeveral(cursor: BatchCursor<B>): Promise<StepGradients> {
    const losses: LossNumbers[] = [];
    const counts: number[] = [];
    sum.reset();
    while (losses.length < batchCount) {
      const one = await ofOneBatch(cursor);
      const count = batchWeight(one.losses, countBy);
      sum.add(one.grads, count);
      one.dispose();
      losses.push(one.losses);
      counts.push(count);
    }
    return { ...sum.total, losses: averageLosses(losses, counts), dispose: () => undefined };
  }

  return {
    next: batchCount === 1 ? ofOneBatch : ofSeveral,
    dispose: () => sum.dispose(),
  };
}
