import type { Shape } from "@hawksbill/core";
import type { MisshapenTensor, MissingTensor } from "./compare.js";
import type { ModelKindName } from "./kinds/index.js";
import type { UnknownSetting } from "./model-kind.js";
import type { Sizes } from "./tensor-spec.js";

/** What a file holds, without its numbers: what the functions that read or open checkpoints return. */
export interface Listing {
  readonly tensors: Readonly<Record<string, { readonly dtype: string; readonly shape: Shape }>>;
  readonly metadata?: Readonly<Record<string, string>>;
  /** What else a `.pth` file holds, e.g. `{ iter: 500 }`. */
  readonly values?: unknown;
}

/** What a checkpoint may be. */
export type CheckpointKind =
  | ModelKindName
  | "adapter"
  | "voice-latents"
  | "voice-clips"
  | "mel-norms"
  | "hawksbill-training"
  | "dlas-training"
  | "unknown";

/** Tensors of one purpose that are no part of the model. */
export interface IgnoredTensors {
  readonly what: string;
  readonly tensors: readonly string[];
}

/** What a checkpoint is, and whether it is whole. */
export interface Inspection {
  readonly kind: CheckpointKind;
  /** The kind in words. */
  readonly title: string;
  /** What is trained, in a state of training. */
  readonly model?: CheckpointKind;
  /** More about the kind, e.g. whose definition of the model it is. */
  readonly definition?: string;
  /** What the names of the model's tensors begin with, e.g. "model_g."; mostly "". */
  readonly prefix: string;
  /** Every size that names and shapes tell. */
  readonly sizes: Sizes;
  /** Numbers in the tensors that belong to the kind. */
  readonly parameters: number;
  /** Whether nothing is missing or misshapen. */
  readonly fits: boolean;
  readonly missing: readonly MissingTensor[];
  readonly misshapen: readonly MisshapenTensor[];
  /** Names that the kind does not have and that have no known purpose. */
  readonly unexpected: readonly string[];
  /** Tensors of known purpose that are not the model's. */
  readonly ignored: readonly IgnoredTensors[];
  /** Settings that the file does not tell; take them from where it comes from. */
  readonly unknownSettings: readonly UnknownSetting[];
  /** What else is known, e.g. how far training had come. */
  readonly notes: readonly string[];
}

/** An inspection in which all is well but for what is given. */
export function inspection(
  found: Pick<Inspection, "kind" | "title"> & Partial<Inspection>,
): Inspection {
  const { missing = [], misshapen = [] } = found;
  return {
    prefix: "",
    sizes: {},
    parameters: 0,
    fits: found.kind !== "unknown" && missing.length === 0 && misshapen.length === 0,
    missing,
    misshapen,
    unexpected: [],
    ignored: [],
    unknownSettings: [],
    notes: [],
    ...found,
  };
}
