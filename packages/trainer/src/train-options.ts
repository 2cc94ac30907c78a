import type { Device, Random, Tensor, Weights } from "@hawksbill/core";
import type { MovingAverage } from "./moving-average.js";
import type { Clip, Optimizer } from "./optimizer.js";
import type { Schedule } from "./schedules.js";
import type { TrainingState } from "./training-state.js";

/**
 * What a loss function returns: the scalar to be made small, and further scalars to be reported.
 * One named `tokens` is taken as the number of targets that `loss` is the mean of, by which several batches are averaged.
 */
export type Losses = Readonly<Record<string, Tensor | CountedMean>> & {
  readonly loss: Tensor;
  readonly tokens?: Tensor;
};

/** A scalar to be reported that is the mean of something else than `loss` is, and by that count is averaged over batches. */
export interface CountedMean {
  readonly mean: Tensor;
  readonly count: Tensor;
}

/** Computes losses and gradients in whatever way; what it gives is handed over. */
export interface LossProgram<B> {
  /**
   * Of every weight, with its gradient.
   *
   * @param take With `update: "parts"`: to be given the gradients of each part when they are there, in any order,
   *   with the losses; it disposes of the gradients and moves their weights. Those that it got are not returned.
   */
  run(
    weights: Weights,
    batch: B,
    take?: (grads: Weights, losses: Losses) => void | Promise<void>,
  ): Promise<{ readonly losses: Losses; readonly grads: Weights }>;
  /** Without gradients. */
  measure(weights: Weights, batch: B): Promise<Losses>;
}

/**
 * Batches, in order. An array's tensors stay the caller's; what any other iterable gives is handed
 * over, and disposed of when its step is made.
 */
export type Batches<B> = readonly B[] | Iterable<B> | AsyncIterable<B>;

export interface TrainOptions<B> {
  /**
   * One that keeps results (webgpu) holds weights, optimiser state and moving average from step to step: behind a step's
   * event read them with `data()` or use them in programs of the device; at all other events they are on the host.
   */
  readonly device: Device;
  /** Trained in place. What is not in here (captured by `loss`) is frozen. */
  readonly weights: Weights;
  /**
   * A function that composes operators only: it is traced once for each form of batch. Or the
   * programs of a big model, e.g. `chainGradients` of @hawksbill/core, which stay the caller's.
   */
  readonly loss: ((weights: Weights, batch: B) => Losses) | LossProgram<B>;
  /**
   * The data of an epoch, counted from 0. To be resumable it depends on nothing but its arguments:
   * the generator is the epoch's own.
   */
  readonly batches: (epoch: number, random: Random) => Batches<B>;
  /** Steps in all, those before a resume among them. */
  readonly steps: number;
  readonly optimizer: Optimizer;
  /** Default: the optimiser's own learning rate at every step. */
  readonly schedule?: Schedule;
  /** Default: none. */
  readonly clip?: Clip;
  /**
   * When weights move. "step" (default): when all gradients are there. "parts": those of each part as soon as its
   * gradients are there, so that never all of them live at once; for a `LossProgram` that gives them so, one batch a
   * step, and no clipping of all together. The weights come to be the same, but in a step with a gradient that is not
   * finite: there the parts that were finite have moved.
   */
  readonly update?: "step" | "parts";
  /** Several batches a step; default one. */
  readonly accumulate?: Accumulation;
  /** Follows the weights after each step, and is saved with the state. Default: none. */
  readonly average?: MovingAverage;
  /** Measures held-out batches before the first step, every so many, and after the last. */
  readonly evaluate?: Evaluation<B>;
  /** Looks for the weights that the held-out batches like best. Default: the last ones count. */
  readonly best?: BestOptions;
  /** Saves every so many steps (default: never in between), after the last, and when aborted. */
  readonly checkpoint?: {
    readonly every?: number;
    readonly save: (state: TrainingState) => Promise<void>;
  };
  /** Stops after the step under way, or within a measurement of held-out batches, which the resumed run makes again. */
  readonly signal?: AbortSignal;
  /** Goes on from here; the state is copied into `weights` and `optimizer`. */
  readonly resume?: TrainingState;
  /** Each epoch's generator is forked from it; default `new Random(0)`. A resumed run takes the saved one. */
  readonly random?: Random;
  /** Steps with a NaN or infinite gradient, one after another, that end the training; default 10. */
  readonly maxSkipped?: number;
  /** Programs kept, one for each form of batch; default 16. */
  readonly maxPrograms?: number;
  /** A clock in milliseconds; default `performance.now`. */
  readonly now?: () => number;
  /** Memory in use, for the events, e.g. `() => process.memoryUsage().rss / 2 ** 20` in Node. */
  readonly memoryMB?: () => number;
}

export interface Evaluation<B> {
  /** Steps from one to the next. */
  readonly every: number;
  readonly batches: () => Batches<B>;
  /** What is measured: the trained weights (default), or their moving average. */
  readonly of?: "weights" | "average";
}

export interface BestOptions {
  /** Which of the held-out losses is to be the lowest; default "loss". */
  readonly metric?: string;
  /** Evaluations in a row without a new lowest that end the training early; default: none do. */
  readonly patience?: number;
  /** Whether training ends with the best weights; default true. They are kept, and saved, beside the trained ones. */
  readonly restore?: boolean;
}

export interface Accumulation {
  /** Batches a step. */
  readonly batches: number;
  /**
   * "tokens": each counts by its `tokens`, so that the step is that of one large batch; "equal":
   * the mean of their means. Default: "tokens" where the loss function returns them.
   */
  readonly weight?: "tokens" | "equal";
}
