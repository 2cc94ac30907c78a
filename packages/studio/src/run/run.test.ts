import { expect, test } from "vitest";
import type { Settings } from "../settings.js";
import { newRun, type Run, type RunEvent, runAfter, type Speech } from "./run.js";

const settings: Settings = {
  base: "embedded",
  device: "auto",
  rank: 0,
  steps: 10,
  batchSize: 2,
  learningRate: 1e-4,
  listenEvery: 5,
  decoderSteps: 4,
  seed: 0,
};

function speech(kind: Speech["kind"], step: number): Speech {
  return { kind, step, text: "Hi.", file: `run/${kind}-${step}.wav`, seconds: 1, stopped: true };
}

function after(...events: readonly RunEvent[]): Run {
  return events.reduce(runAfter, newRun({ id: "a", settings, clips: [] }));
}

function stepTo(last: number): RunEvent[] {
  return Array.from({ length: last }, (_, i) => ({
    type: "step",
    step: i + 1,
    mel: 8 - i / 10,
    etaSeconds: 10 - i,
  }));
}

test("a step moves share and time left", () => {
  const run = after(...stepTo(4));
  expect(run).toMatchObject({ step: 4, share: 0.4, etaSeconds: 7, part: "training" });
  expect(run.losses).toHaveLength(4);
});

test("what came after the saved step is forgotten when it goes on", () => {
  const run = after(
    { type: "measured", step: 0, mel: 7 },
    { type: "speech", speech: speech("before", 0) },
    ...stepTo(7),
    { type: "saved", step: 5 },
    { type: "measured", step: 7, mel: 6 },
    { type: "speech", speech: speech("sample", 7) },
    { type: "stopped" },
    { type: "resumed", step: 5 },
  );

  expect(run).toMatchObject({ state: "running", step: 5, savedStep: 5 });
  expect(run.losses.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
  expect(run.measured.map(({ step }) => step)).toEqual([0]);
  expect(run.speeches.map(({ kind }) => kind)).toEqual(["before"]);
});

test("goes on with another device and other batches where they are given", () => {
  const stopped = after(...stepTo(7), { type: "saved", step: 5 }, { type: "stopped" });
  const changes = { device: "wasm", batchSize: 1 } as const;

  const run = [
    { type: "resumed", step: 5, settings: changes } as const,
    { type: "resumed", step: 5 } as const,
  ].reduce(runAfter, stopped);

  expect(run.settings).toEqual({ ...settings, ...changes });
});

test("the model that was kept stays that of its step", () => {
  expect(after(...stepTo(7))).not.toHaveProperty("modelStep");

  const run = after(
    ...stepTo(7),
    { type: "modelKept" },
    { type: "stopped" },
    { type: "resumed", step: 5 },
    { type: "stopped" },
  );

  expect(run).toMatchObject({ step: 5, modelStep: 7 });
});

test("a failure says why, and is forgotten when it goes on", () => {
  const failed = after({ type: "failed", message: "The disk is full." });
  expect(failed).toMatchObject({ state: "failed", message: "The disk is full." });
  expect(runAfter(failed, { type: "resumed", step: 0 })).not.toHaveProperty("message");
});

test("the same warning is shown once", () => {
  const warning = { type: "warning", message: "A clip is short." } as const;
  expect(after(warning, warning).warnings).toEqual(["A clip is short."]);
});
