import { type Tensor, tensor, type Weights } from "@hawksbill/core";
import { adaptedLayers } from "./adapted-layers.js";
import type { Adapter, LayerForm } from "./adapter.js";
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
  for (const { name, weight, form, a, b } of adaptedLayers("merge", weights, adapter)) {
    const [w, A, B] = [await floats(name, weight), await floats(name, a), await floats(name, b)];
    const merged = w.slice();
    addProduct(merged, A, B, form, adapter);
    result[name] = tensor(merged, { shape: weight.shape });
  }
  return result;
}

async function floats(name: string, x: Tensor): Promise<Float32Array> {
  const data = await x.data();
  if (data instanceof Float32Array) return data;
  throw new TrainingError(
    `merge: "${name}" is ${x.dtype}; give float32 (toFloat32 of @hawksbill/checkpoint makes it)`,
  );
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
