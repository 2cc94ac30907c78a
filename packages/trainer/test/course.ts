import { type Device, Random, type Weights } from "@hawksbill/core";
import { type ToyBatch, toyBatch, toyOptions, toyWeights } from "../fixtures/toy-model.js";
import {
  adamW,
  adamW8bit,
  cosine,
  linearWarmup,
  lion,
  movingAverage,
  type Optimizer,
  sgd,
  type TrainOptions,
} from "../src/index.js";

/** Each has another optimiser, and so another state. */
export const optimizers: Readonly<Record<string, (weights: Weights) => Optimizer>> = {
  adamW: (weights) => adamW(weights),
  adamW8bit: (weights) => adamW8bit(weights),
  lion: (weights) => lion(weights),
  sgd: (weights) => sgd(weights, { momentum: 0.9, nesterov: true }),
};

/** A short training in which everything that can be saved is: average, best weights, skipped steps. */
export function course(optimizer: string, device: Device): TrainOptions<ToyBatch> {
  const steps = 40;
  const weights = toyWeights();
  const make = optimizers[optimizer] as (weights: Weights) => Optimizer;
  const heldOut = [toyBatch(new Random(5)), toyBatch(new Random(6), 4, 2)];
  return {
    device,
    weights,
    steps,
    loss: toyOptions.loss,
    *batches(epoch, random) {
      for (let i = 0; i < 7; i++) {
        const batch = toyBatch(random, 4, 1 + random.integer(4));
        if (i === epoch % 7) (batch.y.dataSync() as Float32Array)[0] = Number.NaN; // A step to be skipped.
        yield batch;
      }
    },
    optimizer: make(weights),
    average: movingAverage(weights, { decay: 0.8 }),
    schedule: linearWarmup(cosine(0.05, { steps }), { steps: 4 }),
    clip: { norm: 0.5, by: "all" },
    accumulate: { batches: 2 },
    random: new Random(11),
    evaluate: { every: 3, batches: () => heldOut, of: "average" },
    best: {},
  };
}
