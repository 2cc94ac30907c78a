import { encodeWav } from "@hawksbill/audio";
import { decodeSafetensors, encodeSafetensors } from "@hawksbill/checkpoint";
import type { Device } from "@hawksbill/core";
import { type Clip, prepareDataset, problemText } from "@hawksbill/dataset";
import {
  adaptDecoder,
  disposeModel,
  finetune,
  type Model,
  type SplitEvent,
} from "@hawksbill/tortoise";
import {
  decodeTrainingState,
  encodeTrainingState,
  merge,
  type SavedAdapter,
  type TrainingState,
} from "@hawksbill/trainer";
import type { Run, RunEvent, Speech } from "../run/run.js";
import { clipLimits, openBase } from "./bases.js";
import { clipFiles, listName } from "./clip-files.js";
import { deviceNamed } from "./devices.js";
import { bytesOf, type Folder } from "./folder.js";
import { keepAdapter, keepModel } from "./keep-model.js";
import { speakInto } from "./voice.js";

export interface TrainingOrder {
  /** As far as it has come: a new one, or one to go on with. */
  readonly run: Run;
  readonly folder: Folder;
  readonly signal: AbortSignal;
  /** Is told what happens, and may take its time. */
  readonly tell: (event: RunEvent) => Promise<void>;
}

/** A fine-tuning with all that it works on. */
interface Work extends TrainingOrder {
  readonly device: Device;
  readonly model: Model;
  readonly clips: readonly Clip[];
}

const checkpointFile = "run/checkpoint.safetensors";
/** Steps from one checkpoint to the next: what a tab that is closed may lose. */
const checkpointEvery = 5;

/** Fine-tunes a base on the clips of a run: the voice's words, then its sound; and lets it speak. */
export async function trainVoice(order: TrainingOrder): Promise<void> {
  const { run, folder, tell } = order;
  await tell({ type: "part", part: "preparing" });
  const device = await deviceNamed(run.settings.device);
  await tell({ type: "device", name: device.name });
  const model = await openBase(run.settings.base, folder);
  try {
    const { clips, leftOut } = await prepareDataset(clipFiles(run.clips, folder), {
      list: listName,
      tokenizer: model.tokenizer,
      ...clipLimits(model),
      signal: order.signal,
    });
    for (const problem of leftOut) await tell({ type: "warning", message: problemText(problem) });
    const work: Work = { ...order, device, model, clips };
    const split = await trainWords(work);
    if (split) await trainSound(work, split);
  } finally {
    disposeModel(model);
  }
}

/** Trains UnifiedVoice. @returns Which clips were for what; undefined if it was stopped. */
async function trainWords(work: Work): Promise<SplitEvent | undefined> {
  const { model, device, clips, folder, signal, tell } = work;
  const { settings } = work.run;
  const state = await savedState(folder);
  if (state) await tell({ type: "resumed", step: state.step });
  let split: SplitEvent | undefined;
  let adapter: SavedAdapter | undefined;
  for await (const event of finetune({
    model,
    clips,
    device,
    signal,
    steps: settings.steps,
    batchSize: settings.batchSize,
    learningRate: settings.learningRate,
    evaluateEvery: settings.listenEvery,
    seed: settings.seed,
    ...(settings.rank > 0 ? { adapter: { rank: settings.rank } } : {}),
    checkpoint: { every: checkpointEvery, save: (state) => saveState(folder, state) },
    ...(state ? { resume: state } : {}),
  })) {
    switch (event.type) {
      case "split":
        split = event;
        await recordBefore(work, split);
        break;
      case "encode":
        await tell({ type: "part", part: "listening", share: event.done / event.total });
        break;
      case "adapter":
        adapter = event.adapter;
        break;
      case "warning":
        await tell(event);
        break;
      case "skipped":
        await tell({ type: "warning", message: "A step was left out: its loss was not finite." });
        break;
      case "step": {
        const { step, metrics, loss, etaSeconds } = event;
        await tell({ type: "step", step, mel: metrics.mel ?? loss, etaSeconds });
        break;
      }
      case "evaluation": {
        const { step, steps, metrics, loss } = event;
        await tell({ type: "measured", step, mel: metrics.mel ?? loss });
        if (split && step > 0 && step < steps) await recordSample(work, split, step, adapter);
        break;
      }
      case "checkpoint":
        await tell({ type: "saved", step: event.step });
        break;
      case "checkpointFailed":
        await tell({ type: "warning", message: `The step could not be saved: ${event.error}` });
        break;
      case "aborted":
        await keep(work, adapter);
        await tell({ type: "stopped" });
        return undefined;
      case "done":
        if (adapter) await keepAdapter(folder, adapter);
        break;
    }
    await messages();
  }
  return split;
}

/** Fits the dVAE's decoder to the voice, and lets it speak. */
async function trainSound(work: Work, split: SplitEvent): Promise<void> {
  const { model, device, folder, signal, tell, run } = work;
  const { decoderSteps: steps, seed } = run.settings;
  const { training, heldOut } = split;
  if (steps > 0) {
    await tell({ type: "part", part: "decoder" });
    for await (const event of adaptDecoder({
      model,
      device,
      clips: training,
      heldOut,
      steps,
      seed,
      signal,
    })) {
      if (event.type === "step") await tell({ ...event, type: "decoderStep" });
      if (event.type === "aborted") {
        await keepModel(folder, model);
        return tell({ type: "stopped" });
      }
      await messages();
    }
  }
  await record(work, split, { kind: "after", step: run.settings.steps });
  await keep(work);
  await tell({ type: "done" });
}

async function keep({ model, folder, tell }: Work, adapter?: SavedAdapter): Promise<void> {
  await tell({ type: "part", part: "saving" });
  if (adapter) await keepAdapter(folder, adapter);
  await keepModel(folder, model);
}

/** The clip whose text is spoken: one that the model does not learn, if there is one. */
function sentenceOf({ training, heldOut }: SplitEvent): Clip {
  return heldOut[0] ?? (training[0] as Clip);
}

async function recordBefore(work: Work, split: SplitEvent): Promise<void> {
  if (work.run.speeches.some(({ kind }) => kind === "before")) return;
  const { samples, text, seconds } = sentenceOf(split);
  const file = "run/recording.wav";
  await work.folder.write(file, encodeWav({ samples, sampleRateHz: 22_050 }));
  const speech: Speech = { kind: "recording", text, file, seconds, step: 0, stopped: true };
  await work.tell({ type: "speech", speech });
  await record(work, split, { kind: "before", step: 0 });
}

async function recordSample(
  work: Work,
  split: SplitEvent,
  step: number,
  adapter?: SavedAdapter,
): Promise<void> {
  const { unifiedVoice } = work.model;
  const weights = adapter ? await merge(unifiedVoice, adapter) : unifiedVoice;
  try {
    const model = { ...work.model, unifiedVoice: weights };
    await record({ ...work, model }, split, { kind: "sample", step });
  } finally {
    for (const [name, x] of Object.entries(weights)) if (x !== unifiedVoice[name]) x.dispose();
  }
}

/** Speaks; if the model cannot, that is a warning, and no reason to lose a run. */
async function record(
  { model, device, folder, tell, run }: Work,
  split: SplitEvent,
  { kind, step }: Pick<Speech, "kind" | "step">,
): Promise<void> {
  await tell({ type: "part", part: "speaking" });
  try {
    const voice = split.training.map(({ mel }) => mel);
    const { text } = sentenceOf(split);
    const { seed } = run.settings;
    const file = `run/${kind}-${step}.wav`;
    const speech = await speakInto(folder, { model, device, voice, text, seed, kind, step, file });
    await tell({ type: "speech", speech });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await tell({ type: "warning", message: `It could not speak after step ${step}: ${message}` });
  }
}

async function saveState(folder: Folder, state: TrainingState): Promise<void> {
  const { tensors, metadata } = encodeTrainingState(state);
  await folder.write(checkpointFile, encodeSafetensors(tensors, metadata));
}

async function savedState(folder: Folder): Promise<TrainingState | undefined> {
  const file = await folder.read(checkpointFile);
  return file && decodeTrainingState(decodeSafetensors(await bytesOf(file), checkpointFile));
}

/** Lets the worker read its messages: WebAssembly holds the thread without a pause, and "stop" is one of them. */
function messages(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
