import type { Tensor, Weights } from "@hawksbill/core";
import { type Adapter, adaptedNames, adapterNames, type LayerForm, layerForm } from "./adapter.js";
import { TrainingError } from "./training-error.js";

/** A weight and the two matrices that change it. */
export interface AdaptedLayer {
  readonly name: string;
  readonly weight: Tensor;
  readonly form: LayerForm;
  readonly a: Tensor;
  readonly b: Tensor;
}

/**
 * Each adapted weight of a base with its two matrices.
 *
 * @throws {TrainingError} The adapter is of other weights.
 */
export function adaptedLayers(
  who: string,
  weights: Weights,
  adapter: Pick<Adapter, "rank" | "weights">,
): AdaptedLayer[] {
  return adaptedNames(adapter).map((name) => {
    const names = adapterNames(name);
    const [weight, a, b] = [weights[name], adapter.weights[names.a], adapter.weights[names.b]];
    if (!weight || !a || !b)
      throw new TrainingError(
        `${who}: "${name}" is ${weight ? "only half in the adapter" : "adapted, but not among the weights"}; give the base that the adapter was made for`,
      );
    const form = layerForm(name, weight);
    const wanted = [adapter.rank, form.inputs, ...form.kernel];
    if (`${a.shape}` !== `${wanted}` || b.size !== form.outputs * adapter.rank)
      throw new TrainingError(
        `${who}: "${name}" is ${weight}, its adapter ${a} and ${b}; give the base that the adapter was made for`,
      );
    return { name, weight, form, a, b };
  });
}
