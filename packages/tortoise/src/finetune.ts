import { Random, type Weights } from "@hawksbill/core";
import { movingAverage, train } from "@hawksbill/trainer";
import { type CodedClip, clipBatches } from "./clip-batches.js";
import { defaultPrograms } from "./default-programs.js";
import { encodeClips } from "./encode-clips.js";
import { blockLoss, type LossBatch, wholeLoss } from "./finetune-loss.js";
import type { FinetuneEvent, FinetuneOptions } from "./finetune-options.js";
import { optimizerNamed } from "./optimizer-named.js";
import { requireFinetuneOptions } from "./require-finetune-options.js";
import { scheduleNamed } from "./schedule-named.js";
import { splitClips } from "./split-clips.js";
import { adapterOf, allWeights } from "./trained-weights.js";
import { withPerplexity } from "./with-perplexity.js";

/**
 * Fine-tunes a model on a voice: turns the clips into codes, then trains UnifiedVoice to say them.
 *
 * @returns Events as they happen; the trained weights are the model's own.
 * @throws {DatasetError} There are too few clips. {TrainingError} Training failed; it says what was kept.
 */
export async function* finetune(
  options: FinetuneOptions,
): AsyncGenerator<FinetuneEvent, void, undefined> {
  requireFinetuneOptions(options);
  const { model, clips, device, steps = 100, batchSize = 8, recipe = "hawksbill" } = options;
  const { heldOut = 0.15, seed = 0, textWeight = 0.01, labelSmoothing = 0 } = options;
  const { config, settings } = model;
  const { learningRate = settings.learningRate ?? 5e-6 } = options;
  const { corruption = settings.corruption ?? 0, conditioningDropout = 0, balance = 0 } = options;
  const { update = "step" } = options;
  const { conditioningClips = settings.learningRate === undefined ? 2 : 1 } = options;
  const { evaluateEvery = Math.max(1, Math.ceil(steps / 5)), basePrecision = "fp32" } = options;

  const parts = splitClips(clips, heldOut, seed);
  yield { type: "split", ...parts };
  const coded: CodedClip[] = [];
  const padded = recipe === "dlas";
  for await (const clip of encodeClips(clips, model, { ...options, padded })) {
    coded.push(clip);
    yield { type: "encode", done: coded.length, total: clips.length };
  }
  const heldOutIds = new Set(parts.heldOut.map(({ id }) => id));
  const training = coded.filter(({ id }) => !heldOutIds.has(id));
  const measured = coded.filter(({ id }) => heldOutIds.has(id));
  const warnings: string[] = [];
  const { epoch, evaluation } = clipBatches(training, measured, {
    ...{ config, batchSize, seed, recipe, corruption },
    ...{ conditioningClips, conditioningDropout, balance },
    onWarning: (message) => warnings.push(message),
  });
  for (const message of warnings) yield { type: "warning", message };
  function* trainingBatches(number: number, random: Random): Generator<LossBatch> {
    for (const batch of epoch(number, random))
      yield { batch, options: { textWeight, labelSmoothing } };
  }
  function* heldOutBatches(): Generator<LossBatch> {
    for (const batch of evaluation()) yield { batch, options: { textWeight } };
  }

  const trained = options.adapter
    ? await adapterOf(model.unifiedVoice, options.adapter, {
        precision: basePrecision,
        random: new Random(seed).fork("adapter"),
      })
    : allWeights(model.unifiedVoice);
  const { adapter, weights } = trained;
  const form = { config, trained, device };
  const size = Object.values(model.unifiedVoice).reduce((sum, weight) => sum + weight.size, 0);
  const { programs = defaultPrograms(size, { basePrecision, update }) } = options;
  const blocks = programs === "blocks" ? blockLoss(form) : undefined;
  const { optimizer: name = "adamw", weightDecay, betas, accumulate = 1 } = options;
  const optimizer = optimizerNamed(name, weights, {
    learningRate,
    ...(weightDecay === undefined ? {} : { weightDecay }),
    ...(betas === undefined ? {} : { betas }),
  });
  const { averageDecay: decay } = options;
  const average = decay === undefined ? undefined : movingAverage(weights, { decay });
  const best = measured.length > 0 ? options.best : undefined;
  try {
    if (adapter) yield { type: "adapter", adapter };
    for await (const event of train<LossBatch>({
      device,
      weights,
      loss: blocks ?? wholeLoss(form),
      batches: trainingBatches,
      steps,
      optimizer,
      schedule: scheduleNamed(learningRate, steps, options.schedule),
      clip: options.clip ?? { norm: 1, by: update === "parts" ? "weight" : "all" },
      update,
      ...(accumulate > 1 ? { accumulate: { batches: accumulate } } : {}),
      ...(average ? { average } : {}),
      random: new Random(seed).fork("training"),
      ...(measured.length > 0
        ? {
            evaluate: {
              every: evaluateEvery,
              batches: heldOutBatches,
              of: average ? "average" : "weights",
            },
          }
        : {}),
      ...(best ? { best } : {}),
      ...(options.checkpoint ? { checkpoint: options.checkpoint } : {}),
      ...(options.resume ? { resume: options.resume } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.memoryMB ? { memoryMB: options.memoryMB } : {}),
    })) {
      const isBest = best !== undefined && best.restore !== false; // Then it is an average already.
      if (event.type === "done" && average && !isBest) copyInto(weights, average.weights);
      if (event.type === "done" || event.type === "aborted") await trained.finish();
      yield withPerplexity(event);
    }
  } finally {
    await blocks?.release();
    average?.dispose();
    trained.dispose();
  }
}

function copyInto(weights: Weights, from: Weights): void {
  for (const [name, weight] of Object.entries(weights))
    (weight.dataSync() as Float32Array).set(from[name]?.dataSync() as Float32Array);
}
