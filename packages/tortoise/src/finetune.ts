import { Random } from "@hawksbill/core";
import type { Clip } from "@hawksbill/dataset";
import { type CodedClip, clipBatches } from "./clip-batches.js";
import { defaultPrograms } from "./default-programs.js";
import { encodeClips } from "./encode-clips.js";
import { blockLoss, type LossBatch, wholeLoss } from "./finetune-loss.js";
import type { FinetuneEvent, FinetuneOptions } from "./finetune-options.js";
import { requireFinetuneOptions } from "./require-finetune-options.js";
import { runTraining } from "./run-training.js";
import { scheduleNamed } from "./schedule-named.js";
import { splitClips } from "./split-clips.js";
import { adapterOf, allWeights } from "./trained-weights.js";
import { hearingOf } from "./voice.js";
import { withPerplexity } from "./with-perplexity.js";

/**
 * Fine-tunes a model on a voice: turns the clips into codes, then trains UnifiedVoice to say them.
 *
 * @returns Events as they happen; the trained weights are the model's own.
 * @throws {TortoiseError} An option makes no sense. {RangeError} It has a value that it does not take.
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
  const heldOutIds = new Set(parts.heldOut.map(({ id }) => id));
  // What is measured has its own length whatever is taught, so that recipes can be compared.
  const padded = ({ id }: Clip): boolean => recipe === "dlas" && !heldOutIds.has(id);
  for await (const clip of encodeClips(clips, model, { ...options, padded })) {
    coded.push(clip);
    yield { type: "encode", done: coded.length, total: clips.length };
  }
  const training = coded.filter(({ id }) => !heldOutIds.has(id));
  const measured = coded.filter(({ id }) => heldOutIds.has(id));
  const warnings: string[] = [];
  const { epoch, evaluation } = clipBatches(training, measured, {
    ...{ config, batchSize, seed, recipe, corruption },
    ...{ hearing: hearingOf(model), conditioningClips, conditioningDropout, balance },
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
  const { adapter } = trained;
  const form = { config, trained, device };
  const size = Object.values(model.unifiedVoice).reduce((sum, weight) => sum + weight.size, 0);
  const { programs = defaultPrograms(size, { basePrecision, update }) } = options;
  const blocks = programs === "blocks" ? await blockLoss(form) : undefined;
  try {
    if (adapter) yield { type: "adapter", adapter };
    for await (const event of runTraining<LossBatch>(
      {
        ...options,
        ...{ steps, learningRate, evaluateEvery },
        schedule: scheduleNamed(learningRate, steps, options.schedule),
        random: new Random(seed),
      },
      {
        trained,
        loss: blocks ?? wholeLoss(form),
        batches: trainingBatches,
        weight: recipe === "dlas" ? "equal" : "tokens",
        heldOut: measured.length > 0 ? heldOutBatches : undefined,
      },
    ))
      yield withPerplexity(event);
  } finally {
    await blocks?.release();
    trained.dispose();
  }
}
