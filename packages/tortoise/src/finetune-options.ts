import type { Device } from "@hawksbill/core";
import type { Clip } from "@hawksbill/dataset";
import type {
  AdapterOptions,
  BestOptions,
  Clip as GradientClip,
  SavedAdapter,
  TrainingEvent,
  TrainingState,
} from "@hawksbill/trainer";
import type { Recipe } from "@hawksbill/unified-voice";
import type { Model } from "./model.js";
import type { OptimizerName } from "./optimizer-named.js";
import type { ScheduleSettings } from "./schedule-named.js";

export interface FinetuneOptions {
  /** Its UnifiedVoice is trained in place; dVAE and tokenizer stay as they are. With `adapter` it changes at the end. */
  readonly model: Model;
  /** Of one voice; see `prepareDataset` of @hawksbill/dataset. */
  readonly clips: readonly Clip[];
  readonly device: Device;
  /** Optimiser steps in all; default 100. */
  readonly steps?: number;
  /** Clips a step; default 8. */
  readonly batchSize?: number;
  /** Batches a step; default 1. */
  readonly accumulate?: number;
  /** Highest learning rate; default the model's own. */
  readonly learningRate?: number;
  /** How the learning rate rises and falls; default a tenth of the steps up, then a cosine down to a tenth. */
  readonly schedule?: ScheduleSettings;
  /** Default "adamw". */
  readonly optimizer?: OptimizerName;
  /** Share of a weight that a step of rate 1 would take away; default 0.01. */
  readonly weightDecay?: number;
  /** Of AdamW and Lion; default [0.9, 0.96] and [0.9, 0.99]. */
  readonly betas?: readonly [number, number];
  /** Default a length of 1 for all gradients together. */
  readonly clip?: GradientClip;
  /** Trains small matrices in place of the weights; at the end they are merged into the model. Default: all weights are trained. */
  readonly adapter?: Omit<AdapterOptions, "random">;
  /** Clips that are measured and never trained on: how many, their share, or their ids; default 0.15. */
  readonly heldOut?: number | readonly string[];
  /** Default "hawksbill". */
  readonly recipe?: Recipe;
  /** Of the text loss beside the mel loss; default 0.01. */
  readonly textWeight?: number;
  /** Share of the input codes that are replaced by random ones in training; default the model's own, or none. Not in the recipe "dlas". */
  readonly corruption?: number;
  /** Of the split, the batches and the conditioning; default 0. */
  readonly seed?: number;
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

/** An adapter is trained. Its tensors change with every step, and are gone when the generator ends. */
export interface AdapterEvent {
  readonly type: "adapter";
  readonly adapter: SavedAdapter;
}

/**
 * What `finetune` reports, told apart by `type`. Steps and evaluations have the metrics `mel` and `text` (losses),
 * `codePerplexity` (of the codes without the stop token: among so many equally likely ones the choice would be as
 * hard) and `stopAccuracy` (share of the clips whose end is known; see `codeMetrics` of @hawksbill/unified-voice).
 */
export type FinetuneEvent = EncodeEvent | SplitEvent | WarningEvent | AdapterEvent | TrainingEvent;
