import type { Random, Weights } from "@hawksbill/core";
import {
  type Accumulation,
  type Batches,
  movingAverage,
  type Schedule,
  TrainingError,
  type TrainingEvent,
  type TrainOptions,
  train,
} from "@hawksbill/trainer";
import type { AverageEvent, FinetuneOptions } from "./finetune-options.js";
import { optimizerNamed } from "./optimizer-named.js";
import type { TrainedWeights } from "./trained-weights.js";

/** How weights are trained, whatever model they are of. */
export interface TrainingSettings
  extends Pick<
    FinetuneOptions,
    | "device"
    | "optimizer"
    | "weightDecay"
    | "betas"
    | "accumulate"
    | "clip"
    | "update"
    | "averageDecay"
    | "best"
    | "checkpoint"
    | "resume"
    | "signal"
    | "memoryMB"
  > {
  readonly steps: number;
  readonly learningRate: number;
  readonly schedule: Schedule;
  readonly evaluateEvery: number;
  /** What randomness of the training is forked from. */
  readonly random: Random;
}

/** What is trained, and on what. */
export interface TrainingWork<B> {
  readonly trained: TrainedWeights;
  readonly loss: TrainOptions<B>["loss"];
  readonly batches: TrainOptions<B>["batches"];
  /** How each of a step's several batches counts; default by its `tokens`. */
  readonly weight?: Accumulation["weight"];
  /** Held-out batches; none where nothing is held out. */
  readonly heldOut?: (() => Batches<B>) | undefined;
}

/** Trains, measures, saves, and in the end puts what was learnt into the model. */
export async function* runTraining<B>(
  settings: TrainingSettings,
  { trained, loss, batches, weight = "tokens", heldOut }: TrainingWork<B>,
): AsyncGenerator<TrainingEvent | AverageEvent, void, undefined> {
  const { optimizer: name = "adamw", weightDecay, betas, accumulate = 1 } = settings;
  const { learningRate, averageDecay: decay, update = "step", evaluateEvery } = settings;
  const { device, steps, schedule, random, checkpoint, resume, signal, memoryMB } = settings;
  const { weights } = trained;
  const optimizer = optimizerNamed(name, weights, {
    learningRate,
    ...(weightDecay === undefined ? {} : { weightDecay }),
    ...(betas === undefined ? {} : { betas }),
  });
  const average = decay === undefined ? undefined : movingAverage(weights, { decay });
  const best = heldOut && settings.best;
  let isHandedOver = false;
  /** The state, to be given as `resume`, has the trained tensors themselves. */
  function handOver(): void {
    isHandedOver = true;
    trained.handOver();
  }
  try {
    if (average) yield { type: "average", weights: average.weights };
    for await (const event of train<B>({
      ...{ device, weights, loss, batches, steps, optimizer, schedule, update },
      clip: settings.clip ?? { norm: 1, by: update === "parts" ? "weight" : "all" },
      ...(accumulate > 1 ? { accumulate: { batches: accumulate, weight } } : {}),
      ...(average ? { average } : {}),
      random: random.fork("training"),
      ...(heldOut
        ? {
            evaluate: {
              every: evaluateEvery,
              batches: heldOut,
              of: average ? "average" : "weights",
            },
          }
        : {}),
      ...(best ? { best } : {}),
      ...(checkpoint ? { checkpoint } : {}),
      ...(resume ? { resume } : {}),
      ...(signal ? { signal } : {}),
      ...(memoryMB ? { memoryMB } : {}),
    })) {
      const isBest = best !== undefined && best.restore !== false; // Then it is an average already.
      if (event.type === "done" && average && !isBest) copyInto(weights, average.weights);
      if (event.type === "done") await trained.finish();
      if (event.type === "aborted") handOver();
      yield event;
    }
  } catch (error) {
    if (error instanceof TrainingError && error.state) handOver();
    throw error;
  } finally {
    if (!isHandedOver) average?.dispose();
  }
}

function copyInto(weights: Weights, from: Weights): void {
  for (const [name, weight] of Object.entries(weights))
    (weight.dataSync() as Float32Array).set(from[name]?.dataSync() as Float32Array);
}
