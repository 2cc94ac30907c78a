/// <reference types="node" />
import { fileURLToPath } from "node:url";
import { modelFolder, voiceFolder } from "@hawksbill/base-small";
import { type Device, mapTree, openDevice, tensor, type Weights } from "@hawksbill/core";
import { type Clip, prepareDataset } from "@hawksbill/dataset";
import { openFolder } from "@hawksbill/dataset/node";
import { merge, type SavedAdapter, type TrainingState, weightsHash } from "@hawksbill/trainer";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { finetune } from "./finetune.js";
import type { FinetuneEvent, FinetuneOptions } from "./finetune-options.js";
import { disposeModel, type Model } from "./model.js";
import { openModel } from "./node/index.js";

let device: Device;
let clips: readonly Clip[];
let model: Model;
beforeAll(async () => {
  device = await openDevice("cpu", { threads: 1 });
  const { tokenizer } = await openModel(fileURLToPath(modelFolder));
  const files = await openFolder(fileURLToPath(voiceFolder));
  clips = (await prepareDataset(files, { tokenizer })).clips.slice(0, 5);
}, 60_000);
afterAll(() => device.close());
beforeEach(async () => {
  model = await openModel(fileURLToPath(modelFolder));
});
afterEach(() => disposeModel(model));

const adapter = { rank: 2, layers: ["gpt.h.0.*"] };

async function run(options: Partial<FinetuneOptions>): Promise<FinetuneEvent[]> {
  const events: FinetuneEvent[] = [];
  const settings = { model, clips, device, steps: 2, batchSize: 2, heldOut: 1, seed: 1 };
  for await (const event of finetune({ ...settings, ...options })) events.push(event);
  return events;
}

function copy(weights: Weights): Weights {
  return mapTree(weights, (x) =>
    tensor((x.dataSync() as Float32Array).slice(), { shape: x.shape }),
  );
}

test("an adapter learns; the base stays until the end, then has it merged", {
  timeout: 60_000,
}, async () => {
  const base = copy(model.unifiedVoice);
  let during = "";
  let learnt: SavedAdapter | undefined;
  const losses: number[] = [];
  for await (const event of finetune({
    model,
    clips,
    device,
    steps: 2,
    batchSize: 2,
    adapter,
    heldOut: 1,
  })) {
    if (event.type === "adapter") learnt = event.adapter;
    if (event.type === "step") during = await weightsHash(model.unifiedVoice);
    if (event.type === "evaluation") losses.push(event.loss);
    if (event.type === "done")
      learnt = { ...learnt, weights: copy(event.state.weights) } as SavedAdapter;
  }

  expect(during).toBe(await weightsHash(base));
  expect(learnt?.base).toBe(during);
  expect(Object.keys(learnt?.weights ?? {}).every((name) => name.startsWith("gpt.h.0."))).toBe(
    true,
  );
  expect(losses.at(-1)).toBeLessThan(losses[0] as number);
  const merged = await merge(base, learnt as SavedAdapter);
  expect(await weightsHash(model.unifiedVoice)).toBe(await weightsHash(merged));
});

test("a resumed adapter comes to the weights of one that was never stopped", {
  timeout: 60_000,
}, async () => {
  let saved: TrainingState | undefined;
  const save = async (state: TrainingState): Promise<void> => {
    if (state.step === 1)
      saved = {
        ...state,
        weights: copy(state.weights),
        optimizer: {
          step: state.optimizer.step,
          moments: mapTree(state.optimizer.moments, (x) =>
            tensor((x.dataSync() as Float32Array).slice(), { shape: x.shape }),
          ),
        },
      };
  };
  await run({ adapter, checkpoint: { every: 1, save } });
  const whole = await weightsHash(model.unifiedVoice);
  disposeModel(model);
  model = await openModel(fileURLToPath(modelFolder));

  await run({ adapter, resume: saved as TrainingState });

  expect(await weightsHash(model.unifiedVoice)).toBe(whole);
});

test("takes other optimisers, schedules and steps of several batches", {
  timeout: 60_000,
}, async () => {
  const events = await run({
    optimizer: "lion",
    learningRate: 1e-4,
    schedule: { name: "multistep", warmupSteps: 0, milestones: [1], gamma: 0.1 },
    accumulate: 2,
    weightDecay: 0,
  });

  const rates = events.flatMap((event) => (event.type === "step" ? [event.learningRate] : []));
  expect(rates.map((rate) => rate.toPrecision(3))).toEqual(["0.000100", "0.0000100"]);
});

test("a clip is conditioned on its own speaker's clips alone", { timeout: 60_000 }, async () => {
  const [measured, ...others] = clips.map((clip, i) => ({ ...clip, speaker: i < 2 ? "a" : "b" }));
  const silent = others.map((clip) =>
    clip.speaker === "a"
      ? clip
      : { ...clip, mel: { ...clip.mel, data: new Float32Array(clip.mel.data.length) } },
  );
  const before = async (of: readonly Clip[]): Promise<number | undefined> => {
    for await (const event of finetune({
      model,
      clips: [measured as Clip, ...of],
      device,
      steps: 1,
      batchSize: 2,
      heldOut: [(measured as Clip).id],
      seed: 3,
    }))
      if (event.type === "evaluation") return event.loss;
    return undefined;
  };
  expect(await before(others)).toBeGreaterThan(0);
  expect(await before(silent)).toBe(await before(others));
});
