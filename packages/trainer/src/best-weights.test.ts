import {
  liveTensors,
  Random,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  type Weights,
} from "@hawksbill/core";
import { expect, test } from "vitest";
import { cpu, eventsOf, only, valuesOf } from "../fixtures/toy.js";
import { BestWeights } from "./best-weights.js";
import { decodeTrainingState, encodeTrainingState } from "./index.js";
import { movingAverage } from "./moving-average.js";
import { sgd } from "./sgd.js";
import { train } from "./train.js";
import type { BestOptions, TrainOptions } from "./train-options.js";
import type { TrainingEvent } from "./training-events.js";
import type { TrainingState } from "./training-state.js";

const on = cpu();

/** Moves w from 0 towards 100 by 1 a step; the held-out loss is lowest at 3, so step 3 is the best. */
function course(
  best: BestOptions | undefined,
  steps = 8,
): Omit<TrainOptions<{ target: Tensor }>, "device"> & { weights: Weights } {
  const weights = { w: tensor([0]) };
  return {
    weights,
    steps,
    loss: (w, { target }) => ({
      loss: sum(square(sub(w.w as Tensor, target))),
      off: sum(w.w as Tensor),
    }),
    batches: () => [{ target: tensor([100]) }],
    optimizer: sgd(weights, { learningRate: 1 }),
    clip: { norm: 1, by: "all" },
    evaluate: { every: 1, batches: () => [{ target: tensor([3]) }] },
    ...(best ? { best } : {}),
  };
}

const numberOf = (weights: Weights): number | undefined => valuesOf(weights).w?.[0];
const last = (events: readonly TrainingEvent[]): TrainingEvent | undefined => events.at(-1);

test("training ends with the weights whose held-out loss was the lowest", async () => {
  const options = course({});
  const events = await eventsOf(train({ ...on, ...options }));
  expect(numberOf(options.weights)).toBeCloseTo(3, 4);
  expect(last(events)).toMatchObject({ type: "done", reason: "steps", step: 8, best: { step: 3 } });
  expect(only(events, "evaluation").map(({ isBest }) => isBest)).toEqual([
    ...[true, true, true, true],
    ...[false, false, false, false, false],
  ]);
});

test("patience ends it, too, where every held-out loss is NaN, as it does resumed", async () => {
  const blind = (): ReturnType<typeof course> => ({
    ...course({ patience: 4 }),
    evaluate: { every: 1, batches: () => [{ target: tensor([Number.NaN]) }] },
  });
  let saved: TrainingState | undefined;
  const checkpoint = {
    every: 2,
    save: async (state: TrainingState) => {
      saved ??= decodeTrainingState(encodeTrainingState(state));
    },
  };
  const events = await eventsOf(train({ ...on, ...blind(), checkpoint }));
  expect(last(events)).toMatchObject({ type: "done", reason: "patience", step: 3 });
  expect(last(events)).not.toHaveProperty("best");
  const rest = await eventsOf(train({ ...on, ...blind(), resume: saved as TrainingState }));
  expect(last(rest)).toMatchObject({ type: "done", reason: "patience", step: 3 });
});

test("patience ends it early", async () => {
  const options = course({ patience: 2 });
  const events = await eventsOf(train({ ...on, ...options }));
  expect(last(events)).toMatchObject({ type: "done", reason: "patience", step: 5, steps: 8 });
  expect(numberOf(options.weights)).toBeCloseTo(3, 4);
});

test("without restoring, the last weights count", async () => {
  const options = course({ patience: 2, restore: false });
  const events = await eventsOf(train({ ...on, ...options }));
  expect(numberOf(options.weights)).toBeCloseTo(5, 4);
  expect(last(events)).toMatchObject({ best: { step: 3 } });
});

test("another metric may decide, and one that is not there is named", async () => {
  const options = course({ metric: "off" });
  await eventsOf(train({ ...on, ...options }));
  expect(numberOf(options.weights)).toBe(0);
  await expect(eventsOf(train({ ...on, ...course({ metric: "mel" }) }))).rejects.toThrow(
    'train: best.metric is "mel", but the loss function gives loss, off; name one of them',
  );
});

test("a loss that is not a number is never the best", () => {
  const best = new BestWeights({});
  const weights = { w: tensor([1]) };
  const losses = [Number.NaN, Number.POSITIVE_INFINITY, 4, Number.NaN, 3];
  expect(losses.map((loss, step) => best.consider(step, { loss }, weights))).toEqual([
    ...[false, false, true, false, true],
  ]);
  expect(best.found).toEqual({ step: 4, loss: 3 });
});

test("the moving average is measured, and restored, where that was asked for", async () => {
  const options = course({});
  const average = movingAverage(options.weights, { decay: 0.5 });
  const evaluate = { ...options.evaluate, of: "average" } as NonNullable<typeof options.evaluate>;
  const events = await eventsOf(train({ ...on, ...options, average, evaluate }));
  // The average after n steps is n - 1 + 2^-n: that of step 4 is the nearest to 3.
  expect(last(events)).toMatchObject({ best: { step: 4 } });
  expect(numberOf(options.weights)).toBeCloseTo(3 + 1 / 16, 4);
  expect(numberOf(average.weights)).toBeCloseTo(7 + 1 / 256, 4);
});

test.each([1, 2, 3, 4])(
  "resumed after step %i it finds the same best weights and ends at the same step",
  async (stop) => {
    const abort = new AbortController();
    const first = course({ patience: 2 });
    let saved: TrainingState | undefined;
    for await (const event of train({
      ...on,
      ...first,
      signal: abort.signal,
      checkpoint: {
        save: async (state) => {
          saved = decodeTrainingState(encodeTrainingState(state));
        },
      },
    }))
      if (event.type === "step" && event.step === stop) abort.abort();

    const second = course({ patience: 2 });
    const events = await eventsOf(train({ ...on, ...second, ...(saved ? { resume: saved } : {}) }));
    expect(last(events)).toMatchObject({ reason: "patience", step: 5, best: { step: 3 } });
    expect(only(events, "evaluation")[0]?.step).toBe(stop); // Left out by the abort.
    expect(numberOf(second.weights)).toBeCloseTo(3, 4);
  },
);

test("what is kept is freed at the end, and handed over by an abort", async () => {
  const done = { ...on, ...course({}) };
  const before = liveTensors();
  const batches = {
    training: done.batches(0, new Random(0)),
    heldOut: done.evaluate?.batches() ?? [],
  };
  const fixed = {
    ...done,
    batches: () => batches.training,
    evaluate: { every: 1, batches: () => batches.heldOut },
  };
  await eventsOf(train(fixed));
  expect(liveTensors() - before).toBe(2); // The two batches.

  const abort = new AbortController();
  for await (const event of train({ ...fixed, steps: 20, signal: abort.signal })) {
    if (event.type === "step" && event.step === 2) abort.abort();
    if (event.type === "aborted") expect(event.state.best?.weights?.w?.place).toBe("host");
  }
  expect(liveTensors() - before).toBe(3);
});

test("best without evaluations and an average that is not kept are refused", () => {
  const { evaluate, ...without } = { ...on, ...course({}) };
  expect(() => train(without)).toThrow(
    "train: best needs held-out losses to tell what is best; give evaluate, too",
  );
  expect(() =>
    train({ ...without, evaluate: { every: 1, batches: () => [], of: "average" } }),
  ).toThrow(
    'train: evaluate.of is "average", but none is kept; give average: movingAverage(weights)',
  );
});

test("a moving average is neither lost nor invented by a resume", async () => {
  const { state } = last(await eventsOf(train({ ...on, ...course(undefined, 1) }))) as {
    state: TrainingState;
  };
  const with_ = course(undefined, 2);
  const average = movingAverage(with_.weights);
  await expect(eventsOf(train({ ...on, ...with_, average, resume: state }))).rejects.toThrow(
    "train: resume has no moving average, it was saved without; leave average out to go on, or start anew",
  );
  const resume = { ...state, average: average.weights };
  await expect(eventsOf(train({ ...on, ...course(undefined, 2), resume }))).rejects.toThrow(
    "train: resume has a moving average; give average: movingAverage(weights) to go on with it",
  );
});
