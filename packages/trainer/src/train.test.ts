import { liveTensors, mul, Random, sum, type Tensor, tensor, type Weights } from "@hawksbill/core";
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
import { multiStepLR } from "./schedules.js";
import { sgd } from "./sgd.js";
import { train } from "./train.js";
import type { TrainingEvent } from "./training-events.js";

const on = cpu();

test("the loss falls, and every step is told", async () => {
  const weights = toyWeights();
  const events = await eventsOf(
    train({
      ...on,
      ...toyOptions,
      weights,
      steps: 60,
      optimizer: adamW(weights, { learningRate: 0.05 }),
    }),
  );
  const steps = only(events, "step");
  expect(steps.map((event) => event.step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  const mean = (some: typeof steps): number =>
    some.reduce((sum, event) => sum + event.loss / some.length, 0);
  expect(mean(steps.slice(-10))).toBeLessThan(mean(steps.slice(0, 10)) / 3);
  expect(events.at(-1)).toMatchObject({ type: "done", step: 60, steps: 60 });
});

test("a step tells its rate, tokens, speed, time to go and memory", async () => {
  const weights = toyWeights();
  let milliseconds = 0;
  const clock = (): number => milliseconds;
  const steps: TrainingEvent[] = [];
  for await (const event of train({
    ...on,
    ...toyOptions,
    weights,
    steps: 4,
    batches: function* (_epoch, random) {
      for (let i = 0; i < 4; i++) {
        milliseconds += i === 0 ? 9000 : 500; // The first one compiles.
        yield toyBatch(random);
      }
    },
    optimizer: adamW(weights),
    schedule: multiStepLR(0.1, { milestones: [2] }),
    now: clock,
    memoryMB: () => 123,
  }))
    if (event.type === "step") steps.push(event);
  expect(steps[0]).toMatchObject({ learningRate: 0.1, seconds: 9, etaSeconds: 27, memoryMB: 123 });
  expect(steps[1]).toMatchObject({ seconds: 0.5, tokensPerSecond: 8, etaSeconds: 1 });
  expect(steps[2]).toMatchObject({ learningRate: 0.05, metrics: { tokens: 4 }, etaSeconds: 0.5 });
});

test("held-out batches are measured before the first step, in between and after the last", async () => {
  const weights = toyWeights();
  const heldOut = [toyBatch(new Random(5), 4, 1), toyBatch(new Random(6), 4, 3)];
  const events = await eventsOf(
    train({
      ...on,
      ...toyOptions,
      weights,
      optimizer: adamW(weights, { learningRate: 0.05 }),
      evaluate: { every: 5, batches: () => heldOut },
    }),
  );
  const evaluations = only(events, "evaluation");
  expect(evaluations.map((event) => event.step)).toEqual([0, 5, 10, 12]);
  expect(evaluations[0]?.metrics).toEqual({ tokens: 4 });
  expect(evaluations[3]?.loss).toBeLessThan(evaluations[0]?.loss as number);
});

test("two batches weighted by their tokens make the step of one large batch", async () => {
  const large = toyBatch(new Random(3), 6);
  const rows = (from: number, to: number): ToyBatch => ({
    x: tensor((large.x.dataSync() as Float32Array).slice(3 * from, 3 * to), {
      shape: [to - from, 3],
    }),
    y: tensor((large.y.dataSync() as Float32Array).slice(from, to), { shape: [to - from, 1] }),
    mask: tensor((large.mask.dataSync() as Float32Array).slice(from, to), {
      shape: [to - from, 1],
    }),
  });
  const whole = toyWeights();
  const parts = toyWeights();
  const options = { ...on, ...toyOptions, steps: 3 };
  const [one] = await eventsOf(
    train({ ...options, weights: whole, optimizer: adamW(whole), batches: () => [large] }),
  );
  const [two] = await eventsOf(
    train({
      ...options,
      weights: parts,
      optimizer: adamW(parts),
      batches: () => [rows(0, 1), rows(1, 6)],
      accumulate: { batches: 2 },
    }),
  );
  expect(two).toMatchObject({ type: "step", metrics: { tokens: 6 } });
  const close = (event: TrainingEvent | undefined): number[] =>
    event?.type === "step" ? [event.loss, event.gradNorm] : [];
  close(two).forEach((value, i) => {
    expect(value).toBeCloseTo(close(one)[i] as number, 5);
  });
  for (const [name, values] of Object.entries(valuesOf(parts)))
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(valuesOf(whole)[name]?.[i] as number, 5);
    });
});

test("batches weighted equally make the mean of their means", async () => {
  const weights = toyWeights();
  const batches = [toyBatch(new Random(3), 4, 1), toyBatch(new Random(4), 4, 4)];
  const options = { ...on, ...toyOptions, batches: () => batches };
  const apart = await eventsOf(
    train({ ...options, weights, steps: 2, optimizer: adamW(weights, { learningRate: 0 }) }),
  );
  const [together] = await eventsOf(
    train({
      ...options,
      weights,
      steps: 1,
      optimizer: adamW(weights, { learningRate: 0 }),
      accumulate: { batches: 2, weight: "equal" },
    }),
  );
  const mean = only(apart, "step").reduce((total, event) => total + event.loss / 2, 0);
  expect(together?.type === "step" && together.loss).toBeCloseTo(mean, 6);
});

test("fifty steps leave as many tensors as five", async () => {
  const weights = toyWeights();
  const optimizer = adamW(weights);
  const after: Record<number, number> = {};
  for await (const event of train({ ...on, ...toyOptions, weights, optimizer, steps: 50 }))
    if (event.type === "step") after[event.step] = liveTensors();
  expect(after[50]).toBe(after[5]);
});

test("all that training made is freed at its end, and the caller's arrays of batches are not", async () => {
  const weights = toyWeights();
  const optimizer = adamW(weights);
  const batches = [toyBatch(new Random(1))];
  const before = liveTensors();
  await eventsOf(
    train({
      ...on,
      ...toyOptions,
      weights,
      optimizer,
      batches: () => batches,
      accumulate: { batches: 2 },
    }),
  );
  expect(liveTensors()).toBe(before);
  expect(batches[0]?.x.place).toBe("host");
});

test("leaving the loop ends the training and closes the source of batches", async () => {
  const weights = toyWeights();
  let closed = false;
  const batches = function* (_epoch: number, random: Random): Generator<ToyBatch> {
    try {
      for (;;) yield toyBatch(random);
    } finally {
      closed = true;
    }
  };
  for await (const _ of train({
    ...on,
    ...toyOptions,
    weights,
    batches,
    optimizer: adamW(weights),
  }))
    break;
  expect(closed).toBe(true);
});

test("all is freed although the source of batches fails as it is closed, which is told", async () => {
  const live = liveTensors();
  const weights = toyWeights();
  function* batches(_epoch: number, random: Random): Generator<ToyBatch> {
    try {
      for (;;) yield toyBatch(random);
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: what is tested.
      throw new Error("still open");
    }
  }
  const leaving = async (): Promise<void> => {
    for await (const { type } of train({
      ...on,
      ...toyOptions,
      ...{ weights, optimizer: sgd(weights), batches, best: {} },
      evaluate: { every: 1, batches: () => new Set([toyBatch(new Random(2))]) },
    }))
      if (type === "step") break;
  };
  await expect(leaving()).rejects.toThrow("still open");
  for (const x of Object.values(weights)) x.dispose();
  expect(liveTensors()).toBe(live);
});

test("the loss function may use weights that are not trained", async () => {
  const scale = tensor(3);
  const weights: Weights = { x: tensor([1, 2]) };
  const [event] = await eventsOf(
    train({
      ...on,
      weights,
      steps: 1,
      optimizer: adamW(weights),
      batches: () => [{}],
      loss: (w) => ({ loss: sum(mul(w.x as Tensor, scale)) }),
    }),
  );
  expect(event).toMatchObject({ loss: 9, metrics: {} });
  expect(scale.dataSync()).toEqual(Float32Array.of(3));
});
