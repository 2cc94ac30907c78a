import type { Shape } from "@hawksbill/core";

/** Weights that an optimiser treats alike. */
export interface ParameterGroup {
  readonly names: readonly string[];
  /** Default: the optimiser's. */
  readonly weightDecay?: number;
  /** The group's learning rate as a multiple of the step's; default 1. */
  readonly learningRateScale?: number;
}

/** Modules whose matrix is a table of rows that are looked up, named as in PyTorch state dicts. */
const tables = /(^|[._])(emb|embed|embedding|wte|wpe|relative_attention_bias)\.weight$/;

/** Whether a weight is a table of embeddings, by its name. */
export function isTable(name: string): boolean {
  return tables.test(name);
}

/**
 * The two groups of TorToiSe's training: matrices, which decay, and the rest (biases, gains of
 * norms, embeddings and position embeddings), which does not.
 *
 * @param weights Tensors, or anything with a shape, by their PyTorch state-dict names.
 * @returns [decaying, not decaying]; a group without weights is left out.
 * @see DL-Art-School trainer/steps.py, `define_optimizers`: the same groups for UnifiedVoice.
 */
export function decayGroups(
  weights: Readonly<Record<string, { readonly shape: Shape }>>,
): ParameterGroup[] {
  const decays = (name: string): boolean =>
    (weights[name]?.shape.length ?? 0) >= 2 && !isTable(name) && !name.endsWith("bias");
  const names = Object.keys(weights);
  return [
    { names: names.filter(decays) },
    { names: names.filter((name) => !decays(name)), weightDecay: 0 },
  ].filter((group) => group.names.length > 0);
}
