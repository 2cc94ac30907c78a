import { disposeTree, type Random, type Weights } from "@hawksbill/core";
import {
  type AdapterOptions,
  applied,
  initialiseAdapter,
  merge,
  type SavedAdapter,
  weightsHash,
} from "@hawksbill/trainer";

/** What is trained of a model, and how the model sees it. */
export interface TrainedWeights {
  /** Where they are an adapter's. */
  readonly adapter?: SavedAdapter;
  readonly weights: Weights;
  /** The model's weights from the trained ones, for use inside a traced function. */
  applied(weights: Weights): Weights;
  /** Puts what was learnt into the model. */
  finish(): Promise<void>;
  dispose(): void;
}

/** All weights, in place. */
export function allWeights(weights: Weights): TrainedWeights {
  return {
    weights,
    applied: (weights) => weights,
    finish: async () => undefined,
    dispose: () => undefined,
  };
}

/** An adapter beside weights that stay as they are until `finish`. */
export async function adapterOf(
  base: Weights,
  options: Omit<AdapterOptions, "random">,
  random: Random,
): Promise<TrainedWeights> {
  const adapter = {
    ...initialiseAdapter(base, { ...options, random }),
    base: await weightsHash(base),
  };
  return {
    adapter,
    weights: adapter.weights,
    applied: (weights) => applied(base, { ...adapter, weights }),
    async finish() {
      const merged = await merge(base, adapter);
      for (const [name, weight] of Object.entries(base)) {
        const sum = merged[name];
        if (sum === undefined || sum === weight) continue;
        (weight.dataSync() as Float32Array).set(sum.dataSync() as Float32Array);
        sum.dispose();
      }
    },
    dispose: () => disposeTree(adapter.weights),
  };
}
