import {
  add,
  cast,
  greaterEqual,
  lowRankUpdate,
  matmul,
  mul,
  type Random,
  reshape,
  type Tensor,
  transpose,
  type Weights,
} from "@hawksbill/core";
import { type AdaptedLayer, adaptedLayers } from "./adapted-layers.js";
import type { Adapter } from "./adapter.js";
import { TrainingError } from "./training-error.js";

/** Drops some of what each adapted layer hears, in training. */
export interface AdapterDropout {
  /** Share of a layer's input channels that its adapter does not hear, 0 to below 1. */
  readonly rate: number;
  /** See `adapterNoise`: an input of the program, other numbers for every step. */
  readonly noise: Weights;
}

/**
 * A model's weights as its adapter changes them, for use inside a traced function: give `adapter` the
 * weights that are trained, and the gradients go to them alone.
 *
 * Where the model multiplies by an adapted matrix, its input goes through A and B beside it: neither
 * their product nor a gradient of its size is made; longer kernels are summed up. What is not adapted is
 * in the result as it was; what is may be float32, float16 or an `int8Matrix`.
 *
 * @throws {TrainingError} The adapter is of other weights.
 */
export function applied(
  weights: Weights,
  adapter: Pick<Adapter, "rank" | "alpha" | "weights">,
  options: { readonly dropout?: AdapterDropout } = {},
): Weights {
  const result: Record<string, Tensor> = { ...weights };
  const scale = adapter.alpha / adapter.rank;
  for (const layer of adaptedLayers("applied", weights, adapter)) {
    const a = options.dropout ? dropped(layer, options.dropout) : layer.a;
    result[layer.name] = adapted({ ...layer, a }, scale);
  }
  return result;
}

function adapted({ weight, form, a, b }: AdaptedLayer, scale: number): Tensor {
  const base = cast(weight, "float32");
  if (form.isInOut) return lowRankUpdate(base, transpose(a), transpose(b), scale);
  if (form.kernel.length === 0) return lowRankUpdate(base, b, a, scale);
  const rank = a.shape[0] as number;
  const [up, down] = [reshape(b, [form.outputs, rank]), reshape(a, [rank, -1])];
  if (form.kernel.every((n) => n === 1)) {
    const matrix = reshape(base, [form.outputs, form.inputs]);
    return reshape(lowRankUpdate(matrix, up, down, scale), weight.shape);
  }
  return add(base, mul(reshape(matmul(up, down), weight.shape), scale));
}

/**
 * The random numbers for one step of dropout: a channel is dropped at all positions of the step.
 *
 * @returns Uniform numbers in [0, 1) by the adapted weights' names, [in] each.
 */
export function adapterNoise(weights: Weights, adapter: Adapter, random: Random): Weights {
  return Object.fromEntries(
    adaptedLayers("adapterNoise", weights, adapter).map(({ name, form }) => [
      name,
      random.uniform([form.inputs]),
    ]),
  );
}

/** A without the columns of the channels that are dropped, the others scaled to keep the mean. */
function dropped({ name, a }: AdaptedLayer, { rate, noise }: AdapterDropout): Tensor {
  if (!(rate >= 0 && rate < 1))
    throw new RangeError(`applied: dropout.rate is ${rate}; give a number from 0 to below 1`);
  const uniform = noise[name];
  if (!uniform)
    throw new TrainingError(
      `applied: dropout.noise has nothing for "${name}"; give adapterNoise(weights, adapter, random)`,
    );
  const keep = mul(cast(greaterEqual(uniform, rate), "float32"), 1 / (1 - rate)); // [in]
  return mul(a, reshape(keep, [1, -1, ...a.shape.slice(2).map(() => 1)]));
}
