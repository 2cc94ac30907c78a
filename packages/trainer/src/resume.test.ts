import { decodeSafetensors, encodeSafetensors } from "@hawksbill/checkpoint";
import { Random } from "@hawksbill/core";
import { expect, test } from "vitest";
import {
  cpu,
  eventsOf,
  only,
  type ToyBatch,
  toyBatch,
  toyOptions,
  toyWeights,
  valuesOf,
} from "../fixtures/toy.js";
import { adamW } from "./adamw.js";
import { cosine } from "./schedules.js";
import { train } from "./train.js";
import type { TrainOptions } from "./train-options.js";
import { decodeTrainingState, encodeTrainingState, type TrainingState } from "./training-state.js";

const on = cpu();

/** A file that holds the state, as bytes. */
function written(state: TrainingState): Uint8Array {
  const { tensors, metadata } = encodeTrainingState(state);
  return encodeSafetensors(tensors, metadata);
}

function read(bytes: Uint8Array): TrainingState {
  return decodeTrainingState(decodeSafetensors(bytes));
}

/** Everything that decides the course of a run but its weights, which are made anew for each. */
function course(): Omit<TrainOptions<ToyBatch>, "weights" | "optimizer"> {
  return {
    ...on,
    ...toyOptions,
    steps: 13,
    schedule: cosine(0.05, { steps: 13 }),
    clip: { norm: 0.5 },
    accumulate: { batches: 2 },
    random: new Random(11),
  };
}

test.each([1, 4, 7, 12])(
  "a run saved after step %i and resumed gives the weights of an uninterrupted one, bit for bit",
  async (stop) => {
    const straight = toyWeights();
    await eventsOf(train({ ...course(), weights: straight, optimizer: adamW(straight) }));

    const first = toyWeights();
    const files: Uint8Array[] = [];
    for await (const event of train({
      ...course(),
      weights: first,
      optimizer: adamW(first),
      checkpoint: { every: stop, save: async (state) => void files.push(written(state)) },
    }))
      if (event.type === "checkpoint") break;

    const second = toyWeights();
    const events = await eventsOf(
      train({
        ...course(),
        random: new Random(0), // The saved one counts.
        weights: second,
        optimizer: adamW(second),
        resume: read(files[0] as Uint8Array),
      }),
    );
    expect(only(events, "step")[0]?.step).toBe(stop + 1);
    expect(valuesOf(second)).toEqual(valuesOf(straight));
  },
);

test("an abort finishes the step, saves, and says how to go on", async () => {
  const weights = toyWeights();
  const abort = new AbortController();
  const saved: number[] = [];
  const events = [];
  for await (const event of train({
    ...course(),
    weights,
    optimizer: adamW(weights),
    signal: abort.signal,
    checkpoint: { save: async ({ step }) => void saved.push(step) },
  })) {
    events.push(event);
    if (event.type === "step" && event.step === 3) abort.abort();
  }
  expect(saved).toEqual([3]);
  expect(events.map((event) => event.type).slice(-3)).toEqual(["step", "checkpoint", "aborted"]);
  expect(events.at(-1)).toMatchObject({
    step: 3,
    steps: 13,
    saved: true,
    message: "Stopped after step 3 of 13. The state is saved: give it as resume to go on",
  });
});

test("an abort ends a measurement under way, which the resumed run makes", async () => {
  const weights = toyWeights();
  const optimizer = adamW(weights);
  const abort = new AbortController();
  let taken = 0;
  const evaluate = {
    every: 3,
    *batches() {
      for (let i = 0; i < 10; i++) {
        if (++taken === 12) setTimeout(() => abort.abort()); // Of the second measurement.
        yield toyBatch(new Random(i));
      }
    },
  };
  const options = { ...course(), weights, optimizer, evaluate };
  const events = await eventsOf(train({ ...options, signal: abort.signal }));
  expect(only(events, "evaluation").map(({ step }) => step)).toEqual([0]);
  const [{ state } = { state: undefined }] = only(events, "aborted");
  expect(state).toMatchObject({ step: 3, evaluatedStep: 0 });
  expect(taken).toBeLessThan(20);
  const more = await eventsOf(train({ ...options, ...(state ? { resume: state } : {}) }));
  expect(only(more, "evaluation").map(({ step }) => step)).toEqual([3, 6, 9, 12, 13]);
});

test("an abort from a timer is seen though training never waits for anything else", async () => {
  const weights = toyWeights();
  const events = await eventsOf(
    train({
      ...course(),
      weights,
      optimizer: adamW(weights),
      steps: 1e6,
      signal: AbortSignal.timeout(20),
    }),
  );
  expect(events.at(-1)).toMatchObject({ type: "aborted", saved: false });
});

test("the state in memory resumes as well, into the same weights", async () => {
  const straight = toyWeights();
  await eventsOf(train({ ...course(), weights: straight, optimizer: adamW(straight) }));
  const weights = toyWeights();
  const optimizer = adamW(weights);
  const abort = new AbortController();
  const events = [];
  for await (const event of train({ ...course(), weights, optimizer, signal: abort.signal })) {
    events.push(event);
    if (event.type === "step" && event.step === 6) abort.abort();
  }
  const [{ state } = { state: undefined }] = only(events, "aborted");
  await eventsOf(train({ ...course(), weights, optimizer, ...(state ? { resume: state } : {}) }));
  expect(valuesOf(weights)).toEqual(valuesOf(straight));
});

test("fewer batches than before are refused", async () => {
  const weights = toyWeights();
  const optimizer = adamW(weights);
  const resume: TrainingState = {
    step: 2,
    epoch: 0,
    batch: 4,
    weights,
    optimizer: optimizer.state,
    random: new Random(0).state,
  };
  const batches = [toyBatch(new Random(0))];
  await expect(
    eventsOf(train({ ...course(), weights, optimizer, resume, batches: () => batches })),
  ).rejects.toThrow(
    "train: batches(0) gave 1 batches, but 4 were used before the resume; give the same data and batch size",
  );
});
