import { compile, disposeTree, valueAndGradWithAux, type Weights } from "@hawksbill/core";
import type { BatchCursor } from "./batch-cursor.js";
import { GradientSum } from "./gradient-sum.js";
import { averageLosses, batchWeight, type LossNumbers, readLosses } from "./loss-numbers.js";
import type { TrainOptions } from "./train-options.js";

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
  release(): Promise<void>;
}

export function gradientSource<B>(options: TrainOptions<B>): GradientSource<B> {
  const { device, weights, loss, maxPrograms = 16 } = options;
  const { batches: batchCount, weight: countBy } = options.accumulate ?? { batches: 1 };
  const sum = new GradientSum();
  const program = compile(
    (weights: Weights, batch: B) =>
      valueAndGradWithAux((weights: Weights) => {
        const { loss: scalar, ...aux } = loss(weights, batch);
        return { loss: scalar, aux };
      })(weights),
    { device, maxPrograms, name: "train" },
  );

  async function ofOneBatch(cursor: BatchCursor<B>): Promise<StepGradients> {
    const taken = await cursor.next();
    try {
      const { value, aux, grads } = await program(weights, taken.batch);
      const losses = await readLosses({ ...aux, loss: value });
      disposeTree([value, aux]);
      return { grads, scale: 1, losses, dispose: () => disposeTree(grads) };
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
    async release() {
      sum.dispose();
      await program.release();
    },
  };
}
