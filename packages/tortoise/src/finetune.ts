import { type Device, Random, type Weights } from "@hawksbill/core";
import { batches, type Clip, otherClips } from "@hawksbill/dataset";
import { Dvae } from "@hawksbill/dvae";
import {
  adamW,
  cosine,
  linearWarmup,
  type TrainingEvent,
  type TrainingState,
  train,
} from "@hawksbill/trainer";
import {
  type Batch,
  corruptCodes,
  makeBatch,
  type Recipe,
  trainingLosses,
} from "@hawksbill/unified-voice";
import type { Model } from "./model.js";
import { splitClips } from "./split-clips.js";
import { conditioningWindow } from "./voice.js";

export interface FinetuneOptions {
  /** Its UnifiedVoice is trained in place; dVAE and tokenizer stay as they are. */
  readonly model: Model;
  /** Of one voice; see `prepareDataset` of @hawksbill/dataset. */
  readonly clips: readonly Clip[];
  readonly device: Device;
  /** Optimiser steps in all; default 100. */
  readonly steps?: number;
  /** Clips a step; default 8. */
  readonly batchSize?: number;
  /** Highest learning rate: reached after a tenth of the steps, then falling to a tenth of it. Default the model's own. */
  readonly learningRate?: number;
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

/** What `finetune` reports, told apart by `type`. Evaluations have the metrics `mel` and `text`. */
export type FinetuneEvent = EncodeEvent | SplitEvent | WarningEvent | TrainingEvent;

/** A clip with its codes. */
interface CodedClip {
  readonly id: string;
  readonly clip: Clip;
  readonly seconds: number;
  readonly codes: Int32Array;
}

/**
 * Fine-tunes a model on a voice: turns the clips into codes, then trains UnifiedVoice to say them.
 *
 * @returns Events as they happen; the trained weights are the model's own.
 * @throws {DatasetError} There are too few clips. {TrainingError} Training failed; it says what was kept.
 */
export async function* finetune(
  options: FinetuneOptions,
): AsyncGenerator<FinetuneEvent, void, undefined> {
  const { model, clips, device, steps = 100, batchSize = 8, recipe = "hawksbill" } = options;
  const { heldOut = 0.15, seed = 0, textWeight = 0.01 } = options;
  const { learningRate = model.settings.learningRate ?? 5e-6 } = options;
  const { corruption = model.settings.corruption ?? 0 } = options;
  const { evaluateEvery = Math.max(1, Math.ceil(steps / 5)) } = options;

  const parts = splitClips(clips, heldOut, seed);
  yield { type: "split", ...parts };
  const coded: CodedClip[] = [];
  const dvae = Dvae.create(model.dvae, device);
  try {
    for (const clip of clips) {
      options.signal?.throwIfAborted();
      coded.push({ id: clip.id, clip, seconds: clip.seconds, codes: await dvae.encode(clip.mel) });
      yield { type: "encode", done: coded.length, total: clips.length };
    }
  } finally {
    await dvae.dispose();
  }
  const heldOutIds = new Set(parts.heldOut.map(({ id }) => id));
  const training = coded.filter(({ id }) => !heldOutIds.has(id));
  const measured = coded.filter(({ id }) => heldOutIds.has(id));

  const warnings: string[] = [];
  if (training.length === 1)
    warnings.push(
      "there is one clip to train on: it conditions on itself and can copy instead of speak; add clips",
    );
  batches(training, { batchSize, seed, epoch: 0, onWarning: (message) => warnings.push(message) });
  for (const message of warnings) yield { type: "warning", message };

  /** A batch whose clips each condition on another one of the voice. */
  const batchOf = (group: readonly CodedClip[], random: Random): Batch =>
    makeBatch(
      group.map((item) => ({
        tokens: item.clip.tokens,
        codes: item.codes,
        samples: item.clip.samples.length,
        conditioning: otherClips(item, training, { count: 1, random }).clips.map(({ clip }) =>
          conditioningWindow(clip.mel, random),
        ),
      })),
      model.config,
      { recipe, padTo: 32 }, // A program each length: a second or two to make, so few of them.
    );
  function* epoch(number: number, random: Random): Generator<Batch> {
    for (const group of batches(training, { batchSize, seed, epoch: number })) {
      const batch = batchOf(group, random);
      if (recipe === "hawksbill") corruptCodes(batch, model.config, { share: corruption, random });
      yield batch;
    }
  }
  function* evaluation(): Generator<Batch> {
    const random = new Random(seed).fork("evaluation"); // The same conditioning each time.
    for (const group of batches(measured, { batchSize, seed, epoch: 0 }))
      yield batchOf(group, random);
  }

  const warmup = Math.ceil(steps / 10);
  const falling = cosine(learningRate, {
    steps: Math.max(1, steps - warmup),
    final: learningRate / 10,
  });
  yield* train<Batch>({
    device,
    weights: model.unifiedVoice,
    loss: (weights: Weights, batch) => {
      const { loss, mel, text } = trainingLosses(weights, batch, model.config, { textWeight });
      return { loss, mel, text };
    },
    batches: epoch,
    steps,
    optimizer: adamW(model.unifiedVoice, { learningRate }),
    schedule: linearWarmup(falling, { steps: warmup }),
    clip: { norm: 1, by: "all" },
    random: new Random(seed).fork("training"),
    ...(measured.length > 0 ? { evaluate: { every: evaluateEvery, batches: evaluation } } : {}),
    ...(options.checkpoint ? { checkpoint: options.checkpoint } : {}),
    ...(options.resume ? { resume: options.resume } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
    ...(options.memoryMB ? { memoryMB: options.memoryMB } : {}),
  });
}
