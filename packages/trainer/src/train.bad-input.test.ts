import {
  liveTensors,
  log,
  mapTree,
  mean,
  mul,
  ones,
  Random,
  sum,
  type Tensor,
  tensor,
  type Weights,
} from "@hawksbill/core";
import { expect, test } from "vitest";
import {
  cpu,
  eventsOf,
  only,
  toyBatch,
  toyOptions,
  toyWeights,
  valuesOf,
} from "../fixtures/toy.js";
import { adamW } from "./adamw.js";
import { lion } from "./lion.js";
import { movingAverage } from "./moving-average.js";
import { train } from "./train.js";
import { TrainingError } from "./training-error.js";
import type { TrainingEvent } from "./training-events.js";
import type { TrainingState } from "./training-state.js";

const on = cpu();

/** The events of a training that fails, and its error. */
async function failing(
  events: AsyncIterable<TrainingEvent>,
): Promise<{ events: TrainingEvent[]; error: unknown }> {
  const seen: TrainingEvent[] = [];
  try {
    for await (const event of events) seen.push(event);
  } catch (error) {
    return { events: seen, error };
  }
  throw new Error("it did not fail");
}

/** log of the batch's number times w: NaN where it is below 0. */
function logLoss(weights: Weights, { x }: { x: Tensor }): { loss: Tensor } {
  return { loss: mean(log(mul(weights.w as Tensor, x))) };
}

const numbers = (values: readonly number[]) => () =>
  values.map((value) => ({ x: tensor([value]) }));

test("a step with a gradient that is NaN is skipped, counted and told", async () => {
  const weights = { w: tensor([1]) };
  const optimizer = adamW(weights, { learningRate: 0.1 });
  const events = await eventsOf(
    train({
      ...on,
      weights,
      optimizer,
      loss: logLoss,
      steps: 3,
      batches: numbers([1, -1, -1, 2, 3]),
    }),
  );
  expect(events.map((event) => event.type)).toEqual([
    "step",
    "skipped",
    "skipped",
    "step",
    "step",
    "done",
  ]);
  expect(only(events, "skipped").map((event) => [event.step, event.inARow])).toEqual([
    [1, 1],
    [1, 2],
  ]);
  expect(optimizer.state.step).toBe(3);
  expect(weights.w.dataSync()[0]).toBeGreaterThan(0);
});

test("too many in a row end the training, with the state of the last good step", async () => {
  const weights = { w: tensor([1]) };
  const { events, error } = await failing(
    train({
      ...on,
      weights,
      optimizer: adamW(weights),
      loss: logLoss,
      steps: 30,
      batches: numbers([1, ...Array(10).fill(-1)]),
    }),
  );
  expect(only(events, "skipped").length).toBe(10);
  expect(error).toBeInstanceOf(TrainingError);
  expect(error).toMatchObject({
    message:
      "train: loss or gradients were NaN or infinite 10 times in a row after step 1 of 30; lower the learning rate, set clip, or look at the batches. The weights are those of step 1. The state is not saved, only in `state`: save it, or give it as resume to go on",
    state: { step: 1, epoch: 0, batch: 11 },
  });
});

test("no batches are named as such", async () => {
  const weights = toyWeights();
  const options = { ...on, ...toyOptions, weights, optimizer: adamW(weights) };
  await expect(eventsOf(train({ ...options, batches: () => [] }))).rejects.toThrow(
    "train: batches(0) gave no batch; the dataset is empty, or smaller than one batch",
  );
  await expect(
    eventsOf(train({ ...options, evaluate: { every: 1, batches: () => [] } })),
  ).rejects.toThrow(
    "train: evaluate.batches() gave no batch; hold out at least one clip, or leave evaluate out",
  );
});

test("a failure after some steps saves them, and says so", async () => {
  const weights = toyWeights();
  const saved: number[] = [];
  const { error } = await failing(
    train({
      ...on,
      ...toyOptions,
      weights,
      optimizer: adamW(weights),
      batches: function* (_epoch, random) {
        yield toyBatch(random);
        yield toyBatch(random);
        throw new Error("metadata.csv:3: wavs/c.wav is not there");
      },
      checkpoint: { save: async ({ step }) => void saved.push(step) },
    }),
  );
  expect(saved).toEqual([2]);
  expect(error).toMatchObject({
    name: "TrainingError",
    message:
      "train: failed after step 2 of 12: metadata.csv:3: wavs/c.wav is not there. The state is saved: give it as resume to go on",
    state: { step: 2, batch: 2 },
  });
});

test("a failure in the first step is thrown as it is", async () => {
  const weights = toyWeights();
  await expect(
    eventsOf(
      train({
        ...on,
        ...toyOptions,
        weights,
        optimizer: adamW(weights),
        loss: (w) => ({ loss: w["hidden.weight"] as Tensor }),
      }),
    ),
  ).rejects.toThrow(
    "valueAndGrad: the function gave float32[3,4]; return one element, e.g. sum(x)",
  );
});

test("a metric that is no scalar is named, and no tensor stays behind", async () => {
  const weights = toyWeights();
  const optimizer = adamW(weights);
  const live = liveTensors();
  await expect(
    eventsOf(
      train({
        ...on,
        ...toyOptions,
        weights,
        optimizer,
        loss: (w, { x }) => ({ loss: sum(w["hidden.weight"] as Tensor), each: mul(x, 1) }),
      }),
    ),
  ).rejects.toThrow(
    'train: the loss function gave float32[4,3] for "each"; give one element, e.g. mean(x)',
  );
  expect(liveTensors()).toBe(live);
});

test("weighting by tokens needs them", async () => {
  const weights = { w: tensor([1]) };
  const optimizer = adamW(weights);
  const batches = numbers([1, 2])();
  const live = liveTensors();
  await expect(
    eventsOf(
      train({
        ...on,
        weights,
        optimizer,
        loss: logLoss,
        steps: 1,
        batches: () => batches,
        accumulate: { batches: 2, weight: "tokens" },
      }),
    ),
  ).rejects.toThrow(
    'train: accumulate.weight is "tokens", but the loss function gives none; return { loss, tokens }',
  );
  expect(liveTensors()).toBe(live);
});

test("a checkpoint that cannot be saved is told, and tried again when the next is due", async () => {
  const weights = toyWeights();
  let free = false;
  const types: string[] = [];
  for await (const { type, step } of train({
    ...on,
    ...toyOptions,
    weights,
    steps: 4,
    optimizer: adamW(weights),
    checkpoint: {
      every: 2,
      save: async () => {
        if (!free) throw new Error("ENOSPC: no space left on device");
      },
    },
  })) {
    types.push(type);
    if (step === 3) free = true;
  }
  expect(types).toEqual(["step", "step", "checkpointFailed", "step", "step", "checkpoint", "done"]);
});

test("a last checkpoint that cannot be saved is an error with the state", async () => {
  const weights = toyWeights();
  const { events, error } = await failing(
    train({
      ...on,
      ...toyOptions,
      weights,
      steps: 2,
      optimizer: adamW(weights),
      checkpoint: { save: () => Promise.reject(new Error("ENOSPC: no space left on device")) },
    }),
  );
  expect(events.at(-1)?.type).toBe("checkpointFailed");
  expect(error).toMatchObject({
    message:
      "train: failed after step 2 of 2: ENOSPC: no space left on device. The state is not saved, only in `state`: save it, or give it as resume to go on",
    state: { step: 2, weights },
  });
});

test.each([
  ["steps", { steps: 0 }],
  ["accumulate.batches", { accumulate: { batches: 0 } }],
  ["evaluate.every", { evaluate: { every: 0, batches: () => [] } }],
  ["checkpoint.every", { checkpoint: { every: 0, save: async () => undefined } }],
  ["maxSkipped", { maxSkipped: 0 }],
])("%s of 0 is refused at once", (name, bad) => {
  const weights = toyWeights();
  expect(() => train({ ...on, ...toyOptions, weights, optimizer: adamW(weights), ...bad })).toThrow(
    `train: ${name} is 0; give a whole number >= 1`,
  );
});

test("a schedule that gives no number ends the training before it ruins the weights", async () => {
  const weights = toyWeights();
  const { error } = await failing(
    train({
      ...{ ...on, ...toyOptions, weights, optimizer: adamW(weights) },
      schedule: (step) => (step < 2 ? 0.01 : Number.NaN),
    }),
  );
  expect(error).toMatchObject({
    message:
      "train: failed after step 2 of 12: train: the schedule's learning rate of step 2 is NaN; give a number >= 0. The state is not saved, only in `state`: save it, or give it as resume to go on",
    state: { step: 2, batch: 2 },
  });
  expect(Object.values(valuesOf(weights)).flat().every(Number.isFinite)).toBe(true);
});

test("a state of another optimiser, or with another average, is refused before anything changes", async () => {
  const [weights, trained] = [toyWeights(), mapTree(toyWeights(), (x) => ones(x.shape))];
  const before = valuesOf(weights);
  const optimizer = adamW(weights);
  const state = {
    ...{ step: 3, epoch: 0, batch: 3, weights: trained, random: new Random(0).state },
    optimizer: adamW(trained).state,
  };
  const resumed = (resume: TrainingState, more: object = {}): Promise<unknown> =>
    eventsOf(train({ ...on, ...toyOptions, weights, optimizer, resume, ...more }));
  await expect(resumed({ ...state, optimizer: lion(trained).state })).rejects.toThrow(
    "adamW.load: the state has m, wanted m, v",
  );
  const average = movingAverage(weights);
  await expect(
    resumed({ ...state, average: { "out.weight": tensor([1]) } }, { average }),
  ).rejects.toThrow('train: resume.average "hidden.weight" is missing');
  const best = { step: 1, loss: 1, worseSince: 0, weights: { x: tensor([1]) } };
  await expect(resumed({ ...state, best })).rejects.toThrow(
    'train: resume.best "x" belongs to no weight; give the state of this model',
  );
  expect(valuesOf(weights)).toEqual(before);
  expect(optimizer.state.step).toBe(0);
});

test("a state of another model is refused before anything changes", async () => {
  const weights = toyWeights();
  const before = valuesOf(weights);
  const optimizer = adamW(weights);
  const resume = {
    step: 3,
    epoch: 0,
    batch: 3,
    weights: { ...weights, extra: tensor([1]) },
    optimizer: optimizer.state,
    random: new Random(0).state,
  };
  await expect(
    eventsOf(train({ ...on, ...toyOptions, weights, optimizer, resume })),
  ).rejects.toThrow(
    'train: resume.weights "extra" belongs to no weight; give the state of this model',
  );
  expect(valuesOf(weights)).toEqual(before);
});

test("too many in a row save the last good state, and count those of before a resume", async () => {
  const bad = numbers([1, 2, -1, -1, 3, -1, -1, -1]);
  const run = async (resume?: TrainingState) => {
    const weights = { w: tensor([1]) };
    const saved: TrainingState[] = [];
    const { events, error } = await failing(
      train({
        ...on,
        weights,
        optimizer: adamW(weights),
        loss: logLoss,
        steps: 30,
        batches: bad,
        maxSkipped: 3,
        checkpoint: { save: async (state) => void saved.push({ ...state }) },
        ...(resume ? { resume } : {}),
      }),
    );
    return { skipped: only(events, "skipped"), error, saved };
  };
  const first = await run();
  expect(first.skipped.map(({ inARow, total }) => [inARow, total])).toEqual([
    [1, 1],
    [2, 2],
    [1, 3],
    [2, 4],
    [3, 5],
  ]);
  expect(first.saved).toMatchObject([{ step: 3, batch: 8, skipped: { inARow: 3, total: 5 } }]);
  expect(first.error).toMatchObject({
    message:
      "train: loss or gradients were NaN or infinite 3 times in a row after step 3 of 30; lower the learning rate, set clip, or look at the batches. The weights are those of step 3. The state is saved: give it as resume to go on",
  });
  const second = await run(first.saved[0]);
  expect(second.skipped.map(({ total }) => total)).toEqual([6, 7, 8, 9, 10]);
});
