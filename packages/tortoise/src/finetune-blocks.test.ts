import { disposeTree, liveTensors, openDevice } from "@hawksbill/core";
import { type StepEvent, type TrainingState, weightsHash } from "@hawksbill/trainer";
import { afterAll, expect, test } from "vitest";
import { tinyClips, tinyModel } from "../test/tiny-model.js";
import { finetune } from "./finetune.js";
import type { FinetuneEvent, FinetuneOptions } from "./finetune-options.js";
import { disposeModel, type Model } from "./model.js";

const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());

/** @returns The events, and the model as it became. */
async function run(
  options: Partial<FinetuneOptions> = {},
  model: Model = tinyModel(),
): Promise<{ events: FinetuneEvent[]; model: Model }> {
  const settings = { clips: tinyClips(model), device, steps: 3, batchSize: 2, heldOut: 1, seed: 1 };
  const events: FinetuneEvent[] = [];
  for await (const event of finetune({ ...settings, model, ...options })) events.push(event);
  return { events, model };
}

const steps = (events: readonly FinetuneEvent[]): StepEvent[] =>
  events.filter((event) => event.type === "step");

function expectNear(ours: number, theirs: number, relative: number): void {
  expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(relative * Math.abs(theirs));
}

/** Length of the difference of two models' weights over the length of how far one has come from the start. */
function distance(ours: Model, theirs: Model, start: Model): number {
  let [difference, way] = [0, 0];
  for (const [name, x] of Object.entries(theirs.unifiedVoice)) {
    const [a, b, c] = [ours, theirs, start].map(
      (model) => model.unifiedVoice[name]?.dataSync() as Float32Array,
    ) as [Float32Array, Float32Array, Float32Array];
    for (let i = 0; i < x.size; i++) {
      difference += ((a[i] as number) - (b[i] as number)) ** 2;
      way += ((b[i] as number) - (c[i] as number)) ** 2;
    }
  }
  return Math.sqrt(difference / way);
}

// SGD moves weights by their gradients; AdamW would move those without one by the sign of float errors.
const bySgd = { optimizer: "sgd", learningRate: 1e-2 } as const;

test.each<[string, Partial<FinetuneOptions>]>([
  ["all weights", {}],
  ["several batches a step", { accumulate: 2 }],
  ["an adapter", { adapter: { rank: 2 } }],
  ["an adapter of some layers", { adapter: { rank: 2, layers: ["gpt.h.1.*"] } }],
])("%s: block by block training is that of one program, to float errors", async (_, options) => {
  const whole = await run({ ...bySgd, ...options, programs: "whole" });
  const blocks = await run({ ...bySgd, ...options, programs: "blocks" });
  for (const [i, { loss, gradNorm, metrics }] of steps(whole.events).entries()) {
    const ours = steps(blocks.events)[i] as StepEvent;
    expectNear(ours.loss, loss, 1e-5);
    expectNear(ours.gradNorm, gradNorm, 1e-4);
    expect(Object.keys(ours.metrics).sort()).toEqual(Object.keys(metrics).sort());
  }
  expect(distance(blocks.model, whole.model, tinyModel())).toBeLessThan(1e-4);
  disposeModel(whole.model);
  disposeModel(blocks.model);
});

test.each(["whole", "blocks"] as const)(
  "%s: batches of unequal size are together the step of one large one",
  async (programs) => {
    // All others of the voice are heard, so that none is drawn.
    const options = { ...bySgd, steps: 1, textWeight: 0, conditioningClips: 2, programs };
    const large = await run({ ...options, batchSize: 3 });
    const parts = await run({ ...options, batchSize: 2, accumulate: 2 });

    const [ours, theirs] = [parts, large].map(({ events }) => steps(events)[0] as StepEvent);
    for (const name of Object.keys(theirs?.metrics ?? {}))
      expectNear(ours?.metrics[name] as number, theirs?.metrics[name] as number, 1e-5);
    expect(ours?.metrics.tokens).toBeGreaterThan(0);
    expect(distance(parts.model, large.model, tinyModel())).toBeLessThan(1e-4);
    disposeModel(parts.model);
    disposeModel(large.model);
  },
);

test("what is measured depends on neither batch size nor recipe", async () => {
  const measured = async (options: Partial<FinetuneOptions>): Promise<Record<string, number>> => {
    const { events, model } = await run({ steps: 1, heldOut: 3, textWeight: 0, ...options });
    disposeModel(model);
    const before = events.find((event) => event.type === "evaluation");
    return { ...before?.metrics, loss: before?.loss as number };
  };
  const one = await measured({ batchSize: 1 });
  for (const options of [{ batchSize: 2 }, { batchSize: 3, recipe: "dlas" }] as const)
    for (const [name, value] of Object.entries(await measured(options)))
      expectNear(value, one[name] as number, 1e-5);
});

test("a base in less precision: the loss falls as with fp32", async () => {
  const trained = { adapter: { rank: 4 }, steps: 8, learningRate: 1e-2 };
  const all = await Promise.all(
    (["fp32", "fp16", "int8"] as const).map((basePrecision) => run({ ...trained, basePrecision })),
  );
  const [fp32 = [], fp16 = [], int8 = []] = all.map(({ events }) => steps(events));
  for (const losses of [fp32, fp16, int8])
    expect(losses.at(-1)?.loss).toBeLessThan((losses[0]?.loss as number) - 0.1);
  const first = fp32[0] as StepEvent;
  // Weights in float16 have 11 bits, so sums over 64 channels are 3 digits exact.
  expectNear((fp16[0] as StepEvent).gradNorm, first.gradNorm, 1e-3);
  // Weights, inputs and gradients have 8 bits.
  expectNear((int8[0] as StepEvent).gradNorm, first.gradNorm, 2e-2);
  for (const { model } of all) disposeModel(model);
});

test.each<[string, Partial<FinetuneOptions>]>([
  ["an adapter", {}],
  ["an adapter over int8", { basePrecision: "int8" }],
  ["an adapter with a moving average", { averageDecay: 0.5 }],
])("%s goes on from its state, on the same model", async (_, options) => {
  const trained = { adapter: { rank: 2 }, learningRate: 1e-2, ...options };
  const whole = await run(trained);
  const model = tinyModel();
  const before = await weightsHash(model.unifiedVoice);
  const stop = new AbortController();
  const settings = { clips: tinyClips(model), device, steps: 3, batchSize: 2, heldOut: 1, seed: 1 };
  let state: TrainingState | undefined;
  for await (const event of finetune({ ...settings, ...trained, model, signal: stop.signal })) {
    if (event.type === "step") stop.abort();
    if (event.type === "aborted") state = event.state;
  }
  expect(await weightsHash(model.unifiedVoice)).toBe(before);

  await run({ ...trained, resume: state as TrainingState }, model);

  expect(await weightsHash(model.unifiedVoice)).toBe(await weightsHash(whole.model.unifiedVoice));
  disposeModel(model);
  disposeModel(whole.model);
});

test("nothing is left over but the optimiser's state", async () => {
  const model = tinyModel();
  const before = liveTensors();
  const { events } = await run({ adapter: { rank: 2 }, basePrecision: "int8" }, model);
  for (const event of events) if (event.type === "done") disposeTree(event.state.optimizer.moments);
  expect(liveTensors()).toBe(before);
  disposeModel(model);
});

test.each<[Partial<FinetuneOptions>, string]>([
  [
    { optimizer: "adam" as "adamw" },
    'finetune: optimizer is "adam"; give one of adamw, adamw8bit, lion, sgd',
  ],
  [
    { schedule: { name: "cosin" as "cosine" } },
    'finetune: schedule.name is "cosin"; give one of cosine, linear, constant, multistep, restarts',
  ],
  [
    { schedule: { warmup: 3 } as FinetuneOptions["schedule"] & object },
    'finetune: schedule: there is no option "warmup"; give one of name, warmupSteps, milestones, gamma, restartEvery',
  ],
  [
    { basePrecision: "int8" },
    'finetune: basePrecision is "int8", but all weights are trained, which needs float32; train an adapter, or leave basePrecision out',
  ],
  [
    { basePrecision: "fp16", adapter: { rank: 2 }, programs: "whole" },
    'finetune: basePrecision is "fp16", but one program for the whole model would widen the base again; leave programs out',
  ],
  [
    { labelSmoothing: { mel: 2 } },
    "finetune: labelSmoothing of mel is 2; give a number from 0 to 1",
  ],
  [{ averageDecay: 1 }, "finetune: averageDecay is 1; give a number from 0 to below 1"],
  [
    { update: "parts", programs: "whole" },
    'finetune: update is "parts", but one program for the whole model gives all gradients at once; leave programs out',
  ],
  [
    { update: "parts", accumulate: 2 },
    'finetune: update is "parts", but a step has 2 batches; give one',
  ],
  [
    { update: "parts", clip: { norm: 1 } },
    'finetune: update is "parts", but gradients are clipped by the length of a group together; clip by "weight", or by value',
  ],
  [{ conditioningClips: 0 }, "finetune: conditioningClips is 0; give a whole number >= 1"],
])("refuses %o", async (options, message) => {
  const model = tinyModel();
  const events = finetune({ model, clips: tinyClips(model), device, ...options });
  await expect(events.next()).rejects.toThrow(expect.objectContaining({ message }));
  disposeModel(model);
});
