import {
  add,
  cast,
  lowRankUpdate,
  matmul,
  mul,
  reshape,
  type Tensor,
  transpose,
  type Weights,
} from "@hawksbill/core";
import { type AdaptedLayer, adaptedLayers } from "./adapted-layers.js";
import type { Adapter } from "./adapter.js";

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
): Weights {
  const result: Record<string, Tensor> = { ...weights };
  const scale = adapter.alpha / adapter.rank;
  for (const layer of adaptedLayers("applied", weights, adapter))
    result[layer.name] = adapted(layer, scale);
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
