import type { OptimizerName } from "./optimizer-named.js";
import type { DatasetFacts, ModelFacts } from "./plan.js";

/** What of a model is trained, and how. */
export interface Trained {
  readonly optimizer: OptimizerName;
  /** Rank of an adapter that is trained in place of the weights; none: all are trained. */
  readonly rank?: number;
}

/** Bytes that an optimiser remembers of each trained number. */
const stateBytes = { adamw: 8, adamw8bit: 2.03, lion: 4, sgd: 4 } as const;

/** Weights, gradients and the optimiser's state: what training takes before the first clip, in MB. */
export function fixedMemoryMB(model: ModelFacts, { optimizer, rank }: Trained): number {
  const trained = rank === undefined ? model.parameters : adapterSize(model, rank);
  const isCopied = rank === undefined ? 0 : trained; // An adapter comes on top of the weights.
  const bytes = 4 * (model.parameters + isCopied) + (4 + stateBytes[optimizer]) * trained;
  return bytes / 2 ** 20;
}

/**
 * What the longest clip takes on top, in MB: the activations that the gradients need.
 *
 * @see Korthikanti et al., "Reducing activation recomputation in large transformer models", 2022: a block keeps
 * 34 · T · D + 5 · heads · T² bytes in float16, twice that in float32.
 */
export function clipMemoryMB(model: ModelFacts, dataset: DatasetFacts): number {
  const { layers, modelDim, heads, codes, codesPerSecond } = model;
  const T = Math.ceil(dataset.longestSeconds * codesPerSecond) + dataset.longestText;
  const blocks = layers * (68 * T * modelDim + 10 * heads * T ** 2);
  const logits = 3 * 4 * T * codes; // Logits, their exponentials and their gradients.
  return (blocks + logits) / 2 ** 20;
}

/** Numbers in an adapter of a GPT's four projections, [D, 3D], [D, D], [D, 4D], [4D, D]: the matrices' rows and columns. */
function adapterSize({ layers, modelDim }: ModelFacts, rank: number): number {
  return layers * 16 * modelDim * rank;
}
