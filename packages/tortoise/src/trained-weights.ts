import { disposeTree, type Random, type Tensor, type Weights } from "@hawksbill/core";
import {
  type Adapter,
  type AdapterOptions,
  applied,
  initialiseAdapter,
  merge,
  type SavedAdapter,
  weightsHash,
} from "@hawksbill/trainer";
import { type BasePrecision, frozenCopies, restored } from "./base-precision.js";
import { TortoiseError } from "./tortoise-error.js";
import { inFloat32 } from "./weights-in-memory.js";

/** What is trained of a model, and how the model sees it. */
export interface TrainedWeights {
  /** Where they are an adapter's. */
  readonly adapter?: SavedAdapter;
  readonly weights: Weights;
  /** What stays as it is. */
  readonly frozen: Weights;
  /** The model's weights, or those of a part of it, from trained and frozen ones, inside a traced function. */
  seen(weights: Weights): Weights;
  /** Puts what was learnt into the model. */
  finish(): Promise<void>;
  /** Leaves the weights to a state that goes on from here; the model stays as it is. */
  handOver(): void;
  dispose(): void;
}

/**
 * All weights, in place.
 *
 * @throws {TortoiseError} They are not in memory.
 */
export function allWeights(weights: Weights): TrainedWeights {
  if (Object.values(weights).some(({ place }) => place === "stored"))
    throw new TortoiseError(
      "finetune: the model's weights lie in its file, where they cannot be trained; open the model without { stored: true }, or train an adapter",
    );
  return {
    weights,
    frozen: {},
    seen: (weights) => weights,
    finish: async () => undefined,
    handOver: () => undefined,
    dispose: () => undefined,
  };
}

/** An adapter beside weights that stay as they are until `finish`; those that lie in a file are replaced there. */
export async function adapterOf(
  base: Weights,
  options: Omit<AdapterOptions, "random">,
  { precision, random }: { readonly precision: BasePrecision; readonly random: Random },
): Promise<TrainedWeights> {
  const adapter = {
    ...initialiseAdapter(base, { ...options, random }),
    base: await weightsHash(base),
  };
  const isReady =
    precision === "fp32" && Object.values(base).every(({ place }) => place === "host");
  const frozen = isReady ? base : await frozenCopies(base, precision);
  let isHandedOver = false;
  function freeCopies(): void {
    if (!isReady) disposeTree(frozen);
  }
  return {
    adapter,
    weights: adapter.weights,
    frozen,
    seen(weights) {
      const own = restored(pick(weights, (name) => !isHalfOfPair(name)));
      return applied(own, { ...adapter, weights: pick(weights, isHalfOfPair) });
    },
    async finish() {
      freeCopies(); // Room for what follows.
      await mergeInPlace(base, adapter);
    },
    handOver() {
      freeCopies();
      isHandedOver = true;
    },
    dispose() {
      if (!isHandedOver) disposeTree(adapter.weights);
      freeCopies();
    },
  };
}

/** Whether a weight is one of the two matrices of an adapted layer. */
function isHalfOfPair(name: string): boolean {
  return /\.lora_[AB]\.weight$/.test(name);
}

function pick(weights: Weights, wanted: (name: string) => boolean): Weights {
  return Object.fromEntries(Object.entries(weights).filter(([name]) => wanted(name)));
}

/**
 * Adds an adapter to its base, layer by layer: never are two copies of all weights there. Those that lie in a file are
 * replaced by tensors in memory.
 */
export async function mergeInPlace(base: Weights, adapter: Adapter): Promise<void> {
  const merged: Record<string, Tensor> = base as Record<string, Tensor>;
  for (const [name, weight] of Object.entries(base)) {
    const layer = name.replace(/\.weight$/, ".lora_");
    const weights = pick(adapter.weights, (other) => other.startsWith(layer));
    if (Object.keys(weights).length === 0) continue;
    const whole = await inFloat32(name, weight);
    const { [name]: sum } = await merge({ [name]: whole }, { ...adapter, weights });
    const values = (sum as Tensor).dataSync() as Float32Array;
    if (weight.place !== "host") merged[name] = sum as Tensor;
    else {
      (weight.dataSync() as Float32Array).set(values);
      (sum as Tensor).dispose();
    }
    if (whole !== weight) whole.dispose();
  }
}
