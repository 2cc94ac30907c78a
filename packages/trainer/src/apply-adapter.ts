import {
  add,
  cast,
  greaterEqual,
  matmul,
  mul,
  type Random,
  reshape,
  type Tensor,
  type Weights,
} from "@hawksbill/core";
import { adaptedLayers } from "./adapted-layers.js";
import type { Adapter } from "./adapter.js";

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
 * The sum W + alpha / rank · B · A is made in the program, so that any model function takes the
 * result. What is not adapted is in it as it was. A float16 base becomes float32 where it is adapted.
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
  for (const { name, weight, form, a, b } of adaptedLayers("applied", weights, adapter)) {
    const heard = options.dropout ? dropped(name, a, options.dropout) : a;
    const B = mul(reshape(b, [form.outputs, adapter.rank]), scale);
    const A = reshape(heard, [adapter.rank, -1]);
    const change = form.isInOut
      ? matmul(A, B, { transposeA: true, transposeB: true }) // [in, out]
      : reshape(matmul(B, A), weight.shape); // [out, in, …kernel]
    result[name] = add(cast(weight, "float32"), change);
  }
  return result;
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
function dropped(name: string, a: Tensor, { rate, noise }: AdapterDropout): Tensor {
  const uniform = noise[name];
  if (!(rate >= 0 && rate < 1) || !uniform)
    throw new RangeError(
      `applied: dropout of rate ${rate} ${uniform ? "" : `without noise for "${name}"`}; give 0 to below 1, and adapterNoise(…)`,
    );
  const keep = mul(cast(greaterEqual(uniform, rate), "float32"), 1 / (1 - rate)); // [in]
  return mul(a, reshape(keep, [1, -1, ...a.shape.slice(2).map(() => 1)]));
}
