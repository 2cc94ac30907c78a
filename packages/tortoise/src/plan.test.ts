import { describe, expect, test } from "vitest";
import { type ModelFacts, type Plan, type PlanOverrides, plan } from "./plan.js";

const released: ModelFacts = {
  parameters: 421_526_786,
  layers: 30,
  modelDim: 1024,
  heads: 16,
  codes: 8194,
  codesPerSecond: 22_050 / 1024,
  conditioning: { blocks: 6, frames: 517 },
};
const small: ModelFacts = {
  ...released,
  conditioning: { blocks: 6, frames: 128 },
  parameters: 3_722_050,
  layers: 6,
  modelDim: 192,
  heads: 3,
  codes: 1026,
  learningRate: 3e-4,
};
const clips = { clips: 200, longestSeconds: 8, longestText: 100 };
const machine = { memoryMB: 64_000 };

function values(plan: Plan): Record<string, number | string> {
  return Object.fromEntries(Object.entries(plan).map(([name, { value }]) => [name, value]));
}

test("plans fifteen rounds of full fine-tuning for the released model", () => {
  expect(values(plan(clips, machine, released))).toEqual({
    batchSize: 32,
    accumulate: 1,
    steps: 105,
    learningRate: 5e-6,
    schedule: "cosine",
    warmupSteps: 11,
    evaluateEvery: 21,
    checkpointEvery: 21,
    memoryMB: 25_026,
  } satisfies Record<keyof Plan, number | string>);
});

test("says why of each setting, in a sentence", () => {
  for (const { why } of Object.values(plan(clips, machine, released)))
    expect(why).toMatch(/^[a-z\d].*\.$/);
});

test("leaves a small model what it was measured with, whatever the dataset", () => {
  const of = (n: number): object => values(plan({ ...clips, clips: n }, machine, small));

  expect(of(30)).toEqual(of(3000));
  expect(of(30)).toMatchObject({
    batchSize: 8,
    accumulate: 1,
    steps: 100,
    learningRate: 3e-4,
    warmupSteps: 10,
    evaluateEvery: 20,
    checkpointEvery: 20,
  });
});

describe("memory", () => {
  const stepOf = ({ batchSize, accumulate }: Plan): number => batchSize.value * accumulate.value;

  test("less of it makes batches smaller, and steps of more of them", () => {
    const roomy = plan(clips, machine, released);
    const tight = plan(clips, { memoryMB: 13_000 }, released);

    expect(tight.batchSize.value).toBeLessThan(roomy.batchSize.value);
    expect(tight.memoryMB.value).toBeLessThanOrEqual(0.6 * 13_000);
    expect(Math.abs(stepOf(tight) - stepOf(roomy))).toBeLessThanOrEqual(1);
  });

  test("less of it makes steps smaller where weights move part by part, in one batch a step", () => {
    const few = plan(clips, { memoryMB: 12_000 }, released, { batchSize: 2, update: "parts" });
    expect(few.accumulate).toEqual({
      value: 1,
      why: "weights that move part by part take one batch a step.",
    });

    const tight = plan(clips, { memoryMB: 12_000 }, released, { update: "parts" });
    const { batchSize, accumulate, memoryMB } = tight;
    expect(accumulate.value).toBe(1);
    expect(batchSize.value).toBeGreaterThan(1);
    expect(batchSize.value).toBeLessThan(32);
    expect(memoryMB.value).toBeLessThanOrEqual(0.6 * 12_000);
  });

  test("that is too little for one clip is said, with what takes less", () => {
    const { batchSize, memoryMB } = plan(clips, { memoryMB: 4000 }, released);

    expect(batchSize.value).toBe(1);
    expect(memoryMB.why).toContain("that is much for the 4000 MB of this machine: an adapter");
  });

  test("of a GPU is not known, which is said", () => {
    const { memoryMB } = plan(clips, { ...machine, hasGpu: true }, released);

    expect(memoryMB.why).toContain("; how much the GPU has is not known, so the machine's memory");
  });

  test("is saved by adapters and 8-bit state", () => {
    const fixed = (overrides: PlanOverrides): number =>
      plan(clips, machine, released, { batchSize: 1, ...overrides }).memoryMB.value;

    expect(fixed({ rank: 16 })).toBeLessThan(fixed({ optimizer: "adamw8bit" }));
    expect(fixed({ optimizer: "adamw8bit" })).toBeLessThan(fixed({ optimizer: "adamw" }));
    expect(fixed({ update: "parts" })).toBeLessThan(fixed({}) - 1500);
    expect(fixed({ rank: 16, basePrecision: "int8" })).toBeLessThan(1500);
    expect(fixed({ conditioningClips: 1 })).toBeLessThan(fixed({}) - 40);
    expect(fixed({ averageDecay: 0.99 })).toBeGreaterThan(fixed({}) + 1500);
    expect(fixed({ programs: "whole" })).toBeGreaterThan(fixed({}) + 500);
  });
});

test("keeps what is given, and plans the rest around it", () => {
  const given = { batchSize: 2, steps: 500, learningRate: 1e-6, schedule: "linear" } as const;

  const result = plan(clips, machine, released, given);

  expect(values(result)).toMatchObject({ ...given, accumulate: 16, evaluateEvery: 25 });
  expect(result.steps.why).toBe("as given.");
});

test("knows each optimiser's rates", () => {
  const rate = (overrides: PlanOverrides): number =>
    plan(clips, machine, released, overrides).learningRate.value;

  expect(rate({ optimizer: "adamw8bit" })).toBe(5e-6);
  expect(rate({ optimizer: "lion" })).toBe(1e-6);
  expect(rate({ optimizer: "sgd" })).toBe(0.01);
  expect(rate({ rank: 16 })).toBe(1e-4);
});

test("plans for one clip", () => {
  expect(values(plan({ ...clips, clips: 1 }, machine, released))).toMatchObject({
    batchSize: 1,
    accumulate: 1,
    steps: 100,
  });
});
