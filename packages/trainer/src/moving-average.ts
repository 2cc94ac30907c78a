import { disposeTree, mapTree, tensor, type Weights } from "@hawksbill/core";
import { copyWeights, hostFloats } from "./host-weights.js";

/** Weights that follow others slowly. */
export interface MovingAverage {
  readonly weights: Weights;
  /** How much of the average each step keeps. */
  readonly decay: number;
  /** To be called after each step with the trained weights. */
  update(weights: Weights): void;
  /** Goes on from an average that was saved, which is copied. */
  load(weights: Weights): void;
  dispose(): void;
}

/**
 * An exponential moving average of weights, which often generalises better than the last ones.
 *
 * @param start Where it begins; copied.
 * @param options.decay How much of the average each step keeps; default 0.999, i.e. about 1000 steps' memory.
 */
export function movingAverage(
  start: Weights,
  options: { readonly decay?: number } = {},
): MovingAverage {
  const { decay = 0.999 } = options;
  if (!(decay >= 0 && decay < 1))
    throw new RangeError(`movingAverage: decay is ${decay}; give a number from 0 to below 1`);
  const weights = mapTree(start, (x, name) =>
    tensor(hostFloats("movingAverage: weight", start, name).slice(), { shape: x.shape }),
  );
  return {
    weights,
    decay,
    update(current) {
      for (const name of Object.keys(weights)) {
        const average = hostFloats("movingAverage: average", weights, name);
        const now = hostFloats("movingAverage: weight", current, name);
        for (let i = 0; i < average.length; i++)
          average[i] = decay * (average[i] as number) + (1 - decay) * (now[i] as number);
      }
    },
    load: (saved) => copyWeights("movingAverage.load:", saved, weights),
    dispose: () => disposeTree(weights),
  };
}
