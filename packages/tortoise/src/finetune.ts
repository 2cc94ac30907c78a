import { Random, type Weights } from "@hawksbill/core";
import { batches, type Clip, otherClips } from "@hawksbill/dataset";
import { Dvae } from "@hawksbill/dvae";
import { train } from "@hawksbill/trainer";
import {
  type Batch,
  codeMetrics,
  corruptCodes,
  makeBatch,
  trainingLosses,
} from "@hawksbill/unified-voice";
import type { FinetuneEvent, FinetuneOptions } from "./finetune-options.js";
import { optimizerNamed } from "./optimizer-named.js";
import { scheduleNamed } from "./schedule-named.js";
import { splitClips } from "./split-clips.js";
import { adapterOf, allWeights } from "./trained-weights.js";
import { conditioningWindow } from "./voice.js";
import { withPerplexity } from "./with-perplexity.js";

/** A clip with its codes. */
interface CodedClip {
  readonly id: string;
  readonly speaker?: string;
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
      const { id, seconds, speaker } = clip;
      const codes = await dvae.encode(clip.mel);
      coded.push({ id, clip, seconds, codes, ...(speaker === undefined ? {} : { speaker }) });
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

  const { adapter, weights, applied, finish, dispose } = options.adapter
    ? await adapterOf(model.unifiedVoice, options.adapter, new Random(seed).fork("adapter"))
    : allWeights(model.unifiedVoice);
  const { optimizer: name = "adamw", weightDecay, betas, accumulate = 1 } = options;
  const optimizer = optimizerNamed(name, weights, {
    learningRate,
    ...(weightDecay === undefined ? {} : { weightDecay }),
    ...(betas === undefined ? {} : { betas }),
  });
  try {
    if (adapter) yield { type: "adapter", adapter };
    for await (const event of train<Batch>({
      device,
      weights,
      loss: (weights: Weights, batch) => {
        const { loss, mel, text, melLogits } = trainingLosses(
          applied(weights),
          batch,
          model.config,
          { textWeight },
        );
        return { loss, mel, text, ...codeMetrics(melLogits, batch, model.config) };
      },
      batches: epoch,
      steps,
      optimizer,
      schedule: scheduleNamed(learningRate, steps, options.schedule),
      clip: options.clip ?? { norm: 1, by: "all" },
      ...(accumulate > 1 ? { accumulate: { batches: accumulate } } : {}),
      random: new Random(seed).fork("training"),
      ...(measured.length > 0 ? { evaluate: { every: evaluateEvery, batches: evaluation } } : {}),
      ...(options.best && measured.length > 0 ? { best: options.best } : {}),
      ...(options.checkpoint ? { checkpoint: options.checkpoint } : {}),
      ...(options.resume ? { resume: options.resume } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.memoryMB ? { memoryMB: options.memoryMB } : {}),
    })) {
      if (event.type === "done" || event.type === "aborted") await finish();
      yield withPerplexity(event);
    }
  } finally {
    dispose();
  }
}
