import type { Device, Weights } from "@hawksbill/core";
import type { Cache, Clip } from "@hawksbill/dataset";
import type {
  AdapterOptions,
  BestOptions,
  Clip as GradientClip,
  SavedAdapter,
  Schedule,
  TrainingEvent,
  TrainingState,
} from "@hawksbill/trainer";
import type { Recipe } from "@hawksbill/unified-voice";
import type { BasePrecision } from "./base-precision.js";
import type { Model } from "./model.js";
import type { OptimizerName } from "./optimizer-named.js";
import type { ScheduleSettings } from "./schedule-named.js";

export interface FinetuneOptions {
  /** Its UnifiedVoice is trained in place; dVAE and tokenizer stay as they are. With `adapter` it changes at the end. */
  readonly model: Model;
  /** See `prepareDataset` of @hawksbill/dataset; those of several datasets have weights (`combineDatasets`). */
  readonly clips: readonly (Clip & { readonly weight?: number })[];
  readonly device: Device;
  /** Optimiser steps in all; default 100. */
  readonly steps?: number;
  /** Clips a step; default 8. */
  readonly batchSize?: number;
  /** Batches a step; default 1. */
  readonly accumulate?: number;
  /** Highest learning rate; default the model's own. */
  readonly learningRate?: number;
  /** How the learning rate rises and falls; default a tenth of the steps up, then a cosine down to a tenth. Or the rate of each step, counted from 0. */
  readonly schedule?: ScheduleSettings | Schedule;
  /** Default "adamw". */
  readonly optimizer?: OptimizerName;
  /** Share of a weight that a step of rate 1 would take away; default 0.01. */
  readonly weightDecay?: number;
  /** Of AdamW and Lion; default [0.9, 0.96] and [0.9, 0.99]. */
  readonly betas?: readonly [number, number];
  /** Default a length of 1 for all gradients together. */
  readonly clip?: GradientClip;
  /**
   * When weights move: after the step (default), or, with programs "blocks", those of each block as soon as its
   * gradients are there: a model's gradients then never live at once, but the default clip is a length of 1 for each
   * weight by itself. See `train` of @hawksbill/trainer.
   */
  readonly update?: "step" | "parts";
  /**
   * Trains small matrices in place of the weights; at the end they are merged into the model. Aborted, it stays as it was,
   * and the state has them: `mergeInPlace` adds those of the event `adapter`. Default: all weights are trained.
   */
  readonly adapter?: Omit<AdapterOptions, "random">;
  /**
   * What the weights beside an adapter are kept in. "fp32" (default): as they are. "fp16": half the memory. "int8":
   * as little, and faster on CPUs that multiply 8-bit numbers, but gradients are rounded, too. An adapter's own
   * weights are always float32; without one, so are all.
   */
  readonly basePrecision?: BasePrecision;
  /**
   * "whole": one program for the whole model, which is faster. "blocks": small programs, one block after another, of
   * which little is kept for the gradients (0.5 GB of all; beyond that blocks are computed again): a fraction of the
   * memory. Default by the model's size: blocks from 64 million weights on; and always for a base in less than fp32,
   * which programs of the whole would widen.
   */
  readonly programs?: "whole" | "blocks";
  /** Clips that are measured and never trained on: how many, their share, or their ids; default 0.15. */
  readonly heldOut?: number | readonly string[];
  /** Default "hawksbill". */
  readonly recipe?: Recipe;
  /** Of the text loss beside the mel loss; default 0.01. */
  readonly textWeight?: number;
  /**
   * Share of each target that is spread over all classes, for both losses or each its own; default 0: on the few clips
   * of a voice it blurs which code is right. Held-out clips are measured without it.
   */
  readonly labelSmoothing?: number | { readonly text?: number; readonly mel?: number };
  /**
   * Clips of the voice that each clip is conditioned on; what the encoder hears in them is averaged, as in speaking: 6 s
   * of each, by Hawksbill's small models 1.5 s. Default 2, as TorToiSe was trained with; for the small models 1, which
   * they were measured with.
   */
  readonly conditioningClips?: number;
  /** Share of the clips that do not hear their voice, so that the weights learn it; default 0: speaking always gives one. */
  readonly conditioningDropout?: number;
  /** How far speakers are made equal, 0 to 1; see `clipWeights` of @hawksbill/dataset. Default 0: as much as there is of each. */
  readonly balance?: number;
  /** Share of the input codes that are replaced by random ones in training; default the model's own, or none. Not in the recipe "dlas". */
  readonly corruption?: number;
  /** Of the split, the batches and the conditioning; default 0. */
  readonly seed?: number;
  /**
   * Keeps a moving average of the weights: how much of it each step keeps, e.g. 0.99. It is what is measured, and what
   * the model is in the end. Default none: a run of a few hundred steps whose rate falls ends as smoothly by itself.
   */
  readonly averageDecay?: number;
  /** Keeps the clips' codes, by their sound and the dVAE's weights: a second run encodes nothing. Default none. */
  readonly cache?: Cache;
  /** Steps from one measurement of the held-out clips to the next; default a fifth of all. */
  readonly evaluateEvery?: number;
  /** Ends training early, or with the weights of the best measurement; default: the last ones count. */
  readonly best?: BestOptions;
  /** See `train` of @hawksbill/trainer. */
  readonly checkpoint?: {
    readonly every?: number;
    readonly save: (state: TrainingState) => Promise<void>;
  };
  readonly resume?: TrainingState;
  readonly signal?: AbortSignal;
  readonly memoryMB?: () => number;
}

/** Clips become codes. */
export interface EncodeEvent {
  readonly type: "encode";
  readonly done: number;
  readonly total: number;
}

/** The clips that are measured and those that are trained on. */
export interface SplitEvent {
  readonly type: "split";
  readonly training: readonly Clip[];
  readonly heldOut: readonly Clip[];
}

/** Something is not as asked for, but training goes on. */
export interface WarningEvent {
  readonly type: "warning";
  readonly message: string;
}

/**
 * An adapter is trained. Its tensors change with every step, and are gone when the generator ends, unless it was aborted
 * or failed: then they are those of its state.
 */
export interface AdapterEvent {
  readonly type: "adapter";
  readonly adapter: SavedAdapter;
}

/**
 * A moving average of the trained weights is kept, which is what is measured. Its tensors change with every step, and
 * last as long as those of the event `adapter`.
 */
export interface AverageEvent {
  readonly type: "average";
  readonly weights: Weights;
}

/**
 * What `finetune` reports, told apart by `type`. Steps and evaluations have the metrics `mel` and `text` (losses),
 * `codePerplexity` (of the codes without the stop token: among so many equally likely ones the choice would be as
 * hard), `stopAccuracy` (share of the clips whose end is known; see `codeMetrics` of @hawksbill/unified-voice) and `tokens`
 * (targets of the mel loss: by them a step's batches count, so that they are one large one, but in the recipe "dlas", as
 * it did, each the same). Evaluations are of exact targets, whatever the recipe.
 */
export type FinetuneEvent =
  | EncodeEvent
  | SplitEvent
  | WarningEvent
  | AdapterEvent
  | AverageEvent
  | TrainingEvent;
