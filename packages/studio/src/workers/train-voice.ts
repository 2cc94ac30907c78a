import type { Device } from "@hawksbill/core";
import { type Clip, prepareDataset, problemText } from "@hawksbill/dataset";
import {
  clipLimits,
  datasetFacts,
  disposeModel,
  finetune,
  type Model,
  mergeInPlace,
  modelFacts,
  type SplitEvent,
} from "@hawksbill/tortoise";
import type { SavedAdapter } from "@hawksbill/trainer";
import type { Run, RunEvent } from "../run/run.js";
import { baseHash, openBase } from "./bases.js";
import { clipFiles, listName } from "./clip-files.js";
import { deviceNamed, forgetIfLost } from "./devices.js";
import type { Folder } from "./folder.js";
import { keepAdapter, keepModel } from "./keep-model.js";
import { recordBefore, recordSample } from "./record.js";
import { requireRoom } from "./require-room.js";
import { trainSound } from "./train-sound.js";
import { savedState, saveState } from "./training-state.js";

export interface TrainingOrder {
  /** As far as it has come: a new one, or one to go on with. */
  readonly run: Run;
  readonly folder: Folder;
  readonly signal: AbortSignal;
  /** Device, base and clips are there, and have room: now it begins. */
  onReady(): Promise<void>;
}

/** A fine-tuning with all that it works on. */
export interface Work extends TrainingOrder {
  readonly device: Device;
  readonly model: Model;
  readonly clips: readonly Clip[];
}

/** Steps from one checkpoint to the next: what a tab that is closed may lose. */
const checkpointEvery = 5;

/** Fine-tunes a base on the clips of a run: the voice's words, then its sound; and lets it speak. */
export async function* trainVoice(order: TrainingOrder): AsyncGenerator<RunEvent> {
  const { run, folder, signal } = order;
  yield { type: "part", part: "preparing" };
  const device = await deviceNamed(run.settings.device);
  const { name, chosenBecause: why } = device;
  yield { type: "device", name, ...(why === undefined ? {} : { why }) };
  const model = await openBase(run.settings.base, folder);
  try {
    const hash = await baseHash(model);
    if (run.baseHash !== undefined && run.baseHash !== hash)
      throw new Error(
        "The base is not the one that this fine-tuning began with; choose that one's files again, or start over.",
      );
    yield { type: "base", hash };
    const { clips, leftOut } = await prepareDataset(clipFiles(run.clips, folder), {
      list: listName,
      tokenizer: model.tokenizer,
      ...clipLimits(model),
      signal,
    });
    requireRoom(device, modelFacts(model), datasetFacts(clips), run.settings);
    await order.onReady();
    for (const problem of leftOut) yield { type: "warning", message: problemText(problem) };
    const work: Work = { ...order, device, model, clips };
    const split = yield* trainWords(work);
    if (split) yield* trainSound(work, split);
  } catch (error) {
    await forgetIfLost(run.settings.device, error);
    throw error;
  } finally {
    disposeModel(model);
  }
}

/** Trains UnifiedVoice. @returns Which clips were for what; undefined if it was stopped. */
async function* trainWords(work: Work): AsyncGenerator<RunEvent, SplitEvent | undefined> {
  const { model, device, clips, folder, signal } = work;
  const { steps, batchSize, learningRate, listenEvery, rank, seed } = work.run.settings;
  const state = await savedState(folder, batchSize);
  if (state) yield { type: "resumed", step: state.step };
  let split: SplitEvent | undefined;
  let adapter: SavedAdapter | undefined;
  for await (const event of finetune({
    ...{ model, clips, device, signal, steps, batchSize, learningRate, seed },
    evaluateEvery: listenEvery,
    ...(rank > 0 ? { adapter: { rank } } : {}),
    checkpoint: { every: checkpointEvery, save: (state) => saveState(folder, state, batchSize) },
    ...(state ? { resume: state } : {}),
  })) {
    switch (event.type) {
      case "split":
        split = event;
        yield* recordBefore(work, split);
        break;
      case "encode":
        yield { type: "part", part: "listening", share: event.done / event.total };
        break;
      case "adapter":
        adapter = event.adapter;
        break;
      case "warning":
        yield event;
        break;
      case "skipped":
        yield { type: "warning", message: "A step was left out: its loss was not finite." };
        break;
      case "step": {
        const { step, metrics, loss, etaSeconds } = event;
        yield { type: "step", step, mel: metrics.mel ?? loss, etaSeconds };
        break;
      }
      case "evaluation": {
        const { step, metrics, loss } = event;
        yield { type: "measured", step, mel: metrics.mel ?? loss };
        if (split && step > 0 && step < steps) yield* recordSample(work, split, step, adapter);
        break;
      }
      case "checkpoint":
        yield { type: "saved", step: event.step };
        break;
      case "checkpointFailed":
        yield { type: "warning", message: `A step could not be saved: ${event.error}` };
        break;
      case "aborted":
        yield { type: "part", part: "saving" };
        if (adapter) {
          await keepAdapter(folder, adapter);
          await mergeInPlace(model.unifiedVoice, adapter);
        }
        await keepModel(folder, model);
        yield { type: "modelKept" };
        yield { type: "stopped" };
        return undefined;
      case "done":
        if (adapter) await keepAdapter(folder, adapter);
        break;
    }
  }
  return split;
}
