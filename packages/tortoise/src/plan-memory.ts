import type { BasePrecision } from "./base-precision.js";
import { defaultPrograms, type Programs } from "./default-programs.js";
import type { OptimizerName } from "./optimizer-named.js";
import type { DatasetFacts, ModelFacts } from "./plan.js";

/** What of a model is trained, and how. */
export interface Trained {
  readonly optimizer: OptimizerName;
  /** Rank of an adapter that is trained in place of the weights; none: all are trained. */
  readonly rank?: number | undefined;
  readonly basePrecision?: BasePrecision | undefined;
  readonly averageDecay?: number | undefined;
  readonly programs?: Programs | undefined;
  readonly update?: "step" | "parts" | undefined;
  /** Default 2. */
  readonly conditioningClips?: number | undefined;
}

/** Bytes that an optimiser remembers of each trained number. */
const stateBytes = { adamw: 8, adamw8bit: 2.03, lion: 4, sgd: 4 } as const;

/** Bytes of each frozen number. In int8 there is a transposed copy, too. */
const frozenBytes = { fp32: 4, fp16: 2, int8: 2 } as const;

/** Weights, gradients and the optimiser's state: what training takes before the first clip, in MB. */
export function fixedMemoryMB(model: ModelFacts, training: Trained): number {
  const { optimizer, rank, basePrecision = "fp32", averageDecay, update } = training;
  const isAdapter = rank !== undefined;
  const trained = isAdapter ? adapterSize(model, rank) : model.parameters;
  const base = isAdapter ? frozenBytes[basePrecision] * model.parameters : 0;
  const weights = 4 * trained * (averageDecay === undefined ? 1 : 2);
  const gradients = (4 * trained) / (update === "parts" ? model.layers : 1);
  return (base + weights + gradients + stateBytes[optimizer] * trained) / 2 ** 20;
}

/**
 * What the longest clip takes on top, in MB: the activations that the gradients need. Block by block, those of one
 * block and what each block was given; the 0.5 GB that blocks may keep besides (`keptBytes` of `chainGradients`) lie in
 * the share of memory that plans leave free.
 *
 * @see Korthikanti et al., "Reducing activation recomputation in large transformer models", 2022: a block keeps
 * 34 · T · D + 5 · heads · T² bytes in float16, twice that in float32.
 */
export function clipMemoryMB(model: ModelFacts, dataset: DatasetFacts, training: Trained): number {
  const { layers, modelDim, heads, codes, codesPerSecond } = model;
  const { programs = defaultPrograms(model.parameters, training) } = training;
  const T = Math.ceil(dataset.longestSeconds * codesPerSecond) + dataset.longestText;
  const block = 68 * T * modelDim + 10 * heads * T ** 2;
  const logits = 3 * 4 * T * codes; // Logits, their exponentials and their gradients.
  const heard = conditioningBytes(model, training);
  if (programs === "whole") return (layers * block + logits + heard) / 2 ** 20;
  // Voices are heard in a program of their own, when the blocks' is done.
  return (layers * 4 * T * modelDim + Math.max(block + logits, heard)) / 2 ** 20;
}

/**
 * What hearing the voice takes beside a clip: attention without a feed-forward part. Measured of six blocks of the released
 * size, 6 s, by what the process had at most: 52 MB a conditioning clip forwards, 240 MB with the gradients.
 */
function conditioningBytes(
  { conditioning, modelDim, heads }: ModelFacts,
  { rank, conditioningClips = 2 }: Trained,
): number {
  if (!conditioning) return 0;
  const { blocks, frames: T } = conditioning;
  const kept = rank === undefined ? blocks : 1; // Adapters need no gradients of it.
  return conditioningClips * kept * (26 * T * modelDim + 8 * heads * T ** 2);
}

/** Numbers in an adapter of a GPT's four projections, [D, 3D], [D, D], [D, 4D], [4D, D]: the matrices' rows and columns. */
function adapterSize({ layers, modelDim }: ModelFacts, rank: number): number {
  return layers * 16 * modelDim * rank;
}
