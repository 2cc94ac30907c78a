import { compile, disposeTree, type Weights } from "@hawksbill/core";
import { takeBatches } from "./batch-cursor.js";
import { averageLosses, batchWeight, type LossNumbers, readLosses } from "./loss-numbers.js";
import type { Batches, TrainOptions } from "./train-options.js";
import { TrainingError } from "./training-error.js";

/** Measures the losses of held-out batches. */
export interface Evaluator<B> {
  /** Their mean, each batch counting by its `tokens` where there are any. */
  measure(weights: Weights, batches: Batches<B>): Promise<LossNumbers>;
  release(): Promise<void>;
}

export function evaluator<B>(options: TrainOptions<B>): Evaluator<B> {
  const { device, loss, maxPrograms = 16 } = options;
  const program = compile(loss, { device, maxPrograms, name: "evaluate" });
  return {
    async measure(weights, batches) {
      const losses: LossNumbers[] = [];
      for await (const { batch, dispose } of takeBatches(batches)) {
        try {
          const results = await program(weights, batch);
          losses.push(await readLosses(results));
          disposeTree(results);
        } finally {
          dispose();
        }
      }
      if (losses.length === 0)
        throw new TrainingError(
          "train: evaluate.batches() gave no batch; hold out at least one clip, or leave evaluate out",
        );
      return averageLosses(
        losses,
        losses.map((one) => batchWeight(one)),
      );
    },
    release: () => program.release(),
  };
}
