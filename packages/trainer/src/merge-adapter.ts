import { type Tensor, tensor, type Weights } from "@hawksbill/core";
import { type AdaptedLayer, adaptedLayers } from "./adapted-layers.js";
import type { Adapter, LayerForm } from "./adapter.js";
import { computed, floatsOf } from "./float-values.js";
import { TrainingError } from "./training-error.js";

/**
 * A model's weights with its adapter put into them, to be used or saved without it.
 *
 * @param weights float32 where they are adapted. Those that are not are themselves in the result.
 * @returns New tensors for the adapted weights. Half of an adapter is `{ ...adapter, alpha: adapter.alpha / 2 }`.
 * @throws {TrainingError} The adapter is of other weights, or they are not float32.
 */
export async function merge(weights: Weights, adapter: Adapter): Promise<Weights> {
  const result: Record<string, Tensor> = { ...weights };
  for (const layer of adaptedLayers("merge", weights, adapter)) {
    const { name, weight } = layer;
    if (weight.dtype !== "float32")
      throw new TrainingError(
        `merge: "${name}" is ${weight.dtype}; give float32 (toFloat32 of @hawksbill/checkpoint makes it)`,
      );
    result[name] = tensor(await merged(layer, adapter), { shape: weight.shape });
  }
  return result;
}

/**
 * As `merge`, but each adapted weight is computed when it is read, e.g. by `writeSafetensors`: a model is merged
 * from file to file with no more than one of its weights in memory.
 *
 * @param weights float32 or float16; what is adapted becomes float32.
 * @throws {TrainingError} The adapter is of other weights.
 */
export function mergedLazily(weights: Weights, adapter: Adapter): Weights {
  const result: Record<string, Tensor> = { ...weights };
  for (const layer of adaptedLayers("mergedLazily", weights, adapter))
    result[layer.name] = computed(layer.weight.shape, () => merged(layer, adapter));
  return result;
}

async function merged(
  { name, weight, form, a, b }: AdaptedLayer,
  adapter: Adapter,
): Promise<Float32Array> {
  const [w, A, B] = await Promise.all([weight, a, b].map((x) => floatsOf("merge", name, x)));
  const sum = (w as Float32Array).slice();
  addProduct(sum, A as Float32Array, B as Float32Array, form, adapter);
  return sum;
}

/** w + alpha / rank · B · A, in place, row by row in float64. */
function addProduct(
  w: Float32Array,
  A: Float32Array,
  B: Float32Array,
  { inputs, outputs, kernel, isInOut }: LayerForm,
  { rank, alpha }: Adapter,
): void {
  const columns = kernel.reduce((size, n) => size * n, inputs); // Of A: [rank, columns].
  const Bt = transposed(B, outputs, rank); // [rank, outputs]
  // Row p of the change is the sum over k of left[k, p] · right[k, :].
  const [left, rows, right, width] = isInOut
    ? ([A, inputs, Bt, outputs] as const)
    : ([Bt, outputs, A, columns] as const);
  const row = new Float64Array(width);
  for (let p = 0; p < rows; p++) {
    row.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = (alpha / rank) * (left[k * rows + p] as number);
      for (let q = 0; q < width; q++)
        row[q] = (row[q] as number) + factor * (right[k * width + q] as number);
    }
    for (let q = 0; q < width; q++)
      w[p * width + q] = (w[p * width + q] as number) + (row[q] as number);
  }
}

function transposed(x: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(x.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result[j * rows + i] = x[i * columns + j] as number;
  return result;
}
