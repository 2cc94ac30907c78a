import { sizeOf, type Tensor, tensor } from "@hawksbill/core";
import { adaptedNames, adapterNames } from "./adapter.js";
import type { SavedAdapter } from "./adapter-file.js";
import { requireShares } from "./combine-weights.js";
import { floatsOf } from "./float-values.js";
import { TrainingError } from "./training-error.js";

/** An adapter that counts in a combination. */
export interface AdapterShare {
  readonly adapter: SavedAdapter;
  /** What its change is multiplied by; may be negative. */
  readonly share: number;
  /** What error messages call it. */
  readonly name: string;
}

/**
 * One adapter that changes the base by the weighted sum of what several adapters change. Their ranks are put
 * beside one another: with A one above the other and B side by side, B · A is the sum of the products, and nothing
 * is lost.
 *
 * @returns Of the rank of all together, which is its alpha, too. A layer that only some adapt has zeros for the others.
 * @throws {TrainingError} They are of different bases, or adapt a layer in different shapes.
 */
export async function combineAdapters(parts: readonly AdapterShare[]): Promise<SavedAdapter> {
  requireShares("combineAdapters", parts);
  const [first, ...others] = parts as [AdapterShare, ...AdapterShare[]];
  for (const other of others)
    if (other.adapter.base !== first.adapter.base)
      throw new TrainingError(
        `combineAdapters: ${other.name} was made for other weights (sha256 ${other.adapter.base.slice(0, 12)}…) than ${first.name} (${first.adapter.base.slice(0, 12)}…); give adapters of one base`,
      );
  const rank = parts.reduce((sum, { adapter }) => sum + adapter.rank, 0);
  const weights: Record<string, Tensor> = {};
  for (const layer of new Set(parts.flatMap(({ adapter }) => adaptedNames(adapter)))) {
    const { a, b } = adapterNames(layer);
    weights[a] = await stacked(a, rank, parts);
    weights[b] = await besideOneAnother(b, rank, parts);
  }
  const layers = [...new Set(parts.flatMap(({ adapter }) => adapter.layers))];
  return { rank, alpha: rank, layers, base: first.adapter.base, weights };
}

/** The A of all, one above the other, [rank, in, …kernel]. */
async function stacked(
  name: string,
  rank: number,
  parts: readonly AdapterShare[],
): Promise<Tensor> {
  const [, ...columns] = oneForm(name, 0, parts);
  const shape = [rank, ...columns];
  const result = new Float32Array(sizeOf(shape));
  let position = 0;
  for (const { adapter } of parts) {
    const values = await valuesOf(adapter, name, [adapter.rank, ...columns]);
    result.set(values, position);
    position += values.length;
  }
  return tensor(result, { shape });
}

/** The B of all, each times what it counts, side by side, [out, rank, …1]. */
async function besideOneAnother(
  name: string,
  rank: number,
  parts: readonly AdapterShare[],
): Promise<Tensor> {
  const [outputs = 0, , ...ones] = oneForm(name, 1, parts);
  const result = new Float32Array(outputs * rank);
  let column = 0;
  for (const { adapter, share } of parts) {
    const values = await valuesOf(adapter, name, [outputs, adapter.rank, ...ones]);
    const scale = (share * adapter.alpha) / adapter.rank;
    for (let row = 0; row < outputs; row++)
      for (let k = 0; k < adapter.rank; k++)
        result[row * rank + column + k] = scale * (values[row * adapter.rank + k] as number);
    column += adapter.rank;
  }
  return tensor(result, { shape: [outputs, rank, ...ones] });
}

/** The shape that all have but for the axis of the rank. */
function oneForm(
  name: string,
  rankAxis: number,
  parts: readonly AdapterShare[],
): readonly number[] {
  const found = parts.flatMap((part) => {
    const shape = part.adapter.weights[name]?.shape;
    return shape ? [{ of: part.name, shape, form: shape.with(rankAxis, 0).join() }] : [];
  });
  const [first] = found;
  const other = found.find(({ form }) => form !== first?.form);
  if (first && other)
    throw new TrainingError(
      `combineAdapters: "${name}" is [${first.shape}] in ${first.of}, but [${other.shape}] in ${other.of}; give adapters of one base`,
    );
  return first?.shape ?? [];
}

/** The elements of an adapter's matrix; zeros where it does not adapt the layer. */
async function valuesOf(
  { weights }: SavedAdapter,
  name: string,
  shape: readonly number[],
): Promise<Float32Array> {
  const matrix = weights[name];
  if (matrix) return floatsOf("combineAdapters", name, matrix);
  return new Float32Array(sizeOf(shape));
}
