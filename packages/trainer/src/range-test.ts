import { disposeTree, tensor, type Weights } from "@hawksbill/core";
import type { Optimizer } from "./optimizer.js";
import { exponential } from "./schedules.js";
import { hasDiverged, type RangePoint, type RateSuggestion, suggestRate } from "./suggest-rate.js";
import { train } from "./train.js";
import type { TrainOptions } from "./train-options.js";

type Shared = "device" | "weights" | "loss" | "batches" | "clip" | "accumulate" | "random";

export interface RangeTestOptions<B>
  extends Pick<TrainOptions<B>, Shared | "signal" | "maxPrograms"> {
  /** Makes an optimiser for the copy, of the kind that will train: `(weights) => adamW(weights)`. */
  readonly optimizer: (weights: Weights) => Optimizer;
  /** The first rate; default 1e-7. */
  readonly from?: number;
  /** The last rate, if the loss does not explode before; default 0.1. */
  readonly to?: number;
  /** Default 60. */
  readonly steps?: number;
  readonly onStep?: (point: RangePoint, step: number) => void;
}

export interface RangeTest extends RateSuggestion {
  readonly points: readonly RangePoint[];
}

/**
 * Finds a learning rate: trains a copy of the weights for a few steps whose rate rises exponentially, and sees where
 * the loss falls fastest and where it begins to grow. The weights stay as they are.
 *
 * @param options.weights float32.
 * @returns What was measured until the loss exploded, and the rate it speaks for: see `suggestRate`.
 * @throws {RangeError} The rates are no numbers above 0. {TrainingError} As `train`.
 */
export async function rangeTest<B>(options: RangeTestOptions<B>): Promise<RangeTest> {
  const { from = 1e-7, to = 0.1, steps = 60, onStep, ...rest } = options;
  const schedule = exponential(from, { steps: Math.max(1, steps - 1), final: to });
  const weights = await copyOf(options.weights);
  const optimizer = options.optimizer(weights);
  const points: RangePoint[] = [];
  let notFiniteAt: number | undefined;
  try {
    for await (const event of train({ ...rest, weights, optimizer, steps, schedule })) {
      if (event.type === "skipped") {
        notFiniteAt = schedule(event.step);
        break; // No higher rate is better.
      }
      if (event.type !== "step") continue;
      const point = { rate: event.learningRate, loss: event.loss };
      points.push(point);
      onStep?.(point, event.step);
      if (hasDiverged(points.map(({ loss }) => loss))) break;
    }
    options.signal?.throwIfAborted();
    return { points, ...suggestRate(points, notFiniteAt) };
  } finally {
    optimizer.dispose();
    disposeTree(weights);
  }
}

async function copyOf(weights: Weights): Promise<Weights> {
  const copies = Object.entries(weights).map(async ([name, x]) => [
    name,
    tensor((await x.data()).slice(), { shape: x.shape, dtype: x.dtype }),
  ]);
  return Object.fromEntries(await Promise.all(copies));
}
