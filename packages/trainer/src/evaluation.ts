import { disposeTree, type Weights } from "@hawksbill/core";
import { takeBatches } from "./batch-cursor.js";
import {
  averageLosses,
  type BatchLosses,
  batchWeight,
  type LossNumbers,
  readLosses,
} from "./loss-numbers.js";
import type { Batches, LossProgram } from "./train-options.js";
import { TrainingError } from "./training-error.js";
import { yieldToEventLoop } from "./yield-to-event-loop.js";

/**
 * The losses of held-out batches: their mean, each batch counting by its `tokens` where there are any.
 *
 * @returns Undefined if the signal came before the last batch.
 */
export async function measureLosses<B>(
  program: LossProgram<B>,
  weights: Weights,
  batches: Batches<B>,
  signal?: AbortSignal,
): Promise<LossNumbers | undefined> {
  const read: BatchLosses[] = [];
  for await (const { batch, dispose } of takeBatches(batches)) {
    try {
      await yieldToEventLoop();
      if (signal?.aborted) return undefined;
      const results = await program.measure(weights, batch);
      try {
        read.push(await readLosses(results));
      } finally {
        disposeTree(results);
      }
    } finally {
      dispose();
    }
  }
  if (read.length === 0)
    throw new TrainingError(
      "train: evaluate.batches() gave no batch; hold out at least one clip, or leave evaluate out",
    );
  return averageLosses(
    read,
    read.map(({ losses }) => batchWeight(losses)),
  );
}
