import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CheckpointMark } from "./known-events.js";
import type { RunEvent } from "./run-events.js";
import { RunLog } from "./run-log.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hawksbill-"));
});
afterEach(() => rm(folder, { recursive: true }));

const steps = 6;
const begin: RunEvent[] = [
  { type: "data", clips: 4, seconds: 3, leftOut: [] },
  { type: "split", training: ["a"], heldOut: ["b"] },
  { type: "warning", message: "few clips" },
];
const before: RunEvent = { type: "speech", which: "before", seconds: 1, stopped: true };

function step(step: number): RunEvent {
  const rest = { loss: 1, metrics: {}, learningRate: 1, gradNorm: 1, seconds: 1, etaSeconds: 0 };
  return { type: "step", step, steps, ...rest };
}
const evaluation = (step: number): RunEvent => ({
  ...{ type: "evaluation", step, steps, loss: 1, metrics: {}, seconds: 0 },
});
const checkpoint = (step: number): RunEvent => ({ type: "checkpoint", step, steps, seconds: 0 });
const sample = (step: number): RunEvent => ({
  ...{ type: "sample", step, file: `samples/step-00000${step}.wav`, seconds: 1, stopped: true },
});
const skipped = (step: number, total: number): RunEvent => ({
  ...{ type: "skipped", step, steps, loss: Number.NaN, gradNorm: Number.NaN, inARow: 1, total },
});

/** A session that tells of these events. @returns The lines in the file, without their times. */
async function session(events: RunEvent[], mark?: CheckpointMark): Promise<unknown[]> {
  const log = await RunLog.open(folder, {
    mark,
    onProblem: (error) => {
      throw error;
    },
  });
  for (const event of begin) await log.write(event);
  await log.release();
  for (const event of events) await log.write(event);
  const text = await readFile(join(folder, "log.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const { time, ...event } = JSON.parse(line);
      expect(time).toMatch(/^\d{4}-.*Z$/);
      return event;
    });
}

describe("after a kill, the log is that of a run that went through", () => {
  const first = [before, evaluation(0), step(1), step(2), sample(2), evaluation(2)];
  const rest = [step(3), step(4), sample(4), evaluation(4), checkpoint(4), step(5)];

  test.each<[string, RunEvent[]]>([
    ["before the word of the checkpoint", []],
    ["behind it", [checkpoint(2)]],
    ["steps later", [checkpoint(2), step(3), step(4), sample(4)]],
    ["after a measurement that is made again", [checkpoint(2), step(3), step(4), evaluation(4)]],
  ])("%s", async (_, lost) => {
    await session([...first, ...lost]);

    const lines = await session([checkpoint(2), ...rest], { step: 2, evaluatedStep: 2 });

    expect(lines).toEqual([...begin, ...first, checkpoint(2), ...rest]);
  });

  test("in the middle of a line", async () => {
    await session([...first, checkpoint(2)]);
    await appendFile(join(folder, "log.jsonl"), '{"type":"step","st');

    const lines = await session([checkpoint(2), ...rest], { step: 2, evaluatedStep: 2 });

    expect(lines).toEqual([...begin, ...first, checkpoint(2), ...rest]);
  });

  test("after the end of training", async () => {
    const done: RunEvent = { type: "done", step: 5, steps };
    const decoder: RunEvent = { type: "decoderStep", step: 1, steps: 2, loss: 1 };
    const all = [...first, checkpoint(2), ...rest];
    await session([...all, checkpoint(5), done, decoder]);

    const lines = await session([checkpoint(5), done, decoder], { step: 5 });

    expect(lines).toEqual([...begin, ...all, checkpoint(5), done, decoder]);
  });
});

test("Ctrl-C, with the checkpoint that only it called for, leaves no trace", async () => {
  const first = [evaluation(0), step(1), step(2), step(3)];
  await session([...first, checkpoint(3), { type: "aborted", step: 3, steps }]);

  const lines = await session([evaluation(3), checkpoint(3), step(4)], { step: 3 });

  expect(lines).toEqual([...begin, ...first, evaluation(3), checkpoint(3), step(4)]);
});

test("skipped steps stay as far as the checkpoint counts them", async () => {
  await session([step(1), skipped(1, 1), step(2), skipped(2, 2), step(3)]);

  const lines = await session([skipped(2, 2)], { step: 2, skipped: { inARow: 0, total: 1 } });

  expect(lines).toEqual([...begin, step(1), skipped(1, 1), step(2), skipped(2, 2)].map(asJson));
});

/** JSON knows no NaN. */
function asJson(event: RunEvent): unknown {
  return JSON.parse(JSON.stringify(event));
}

test("killed before its first checkpoint it begins anew, with the plan that it had", async () => {
  const plan = { type: "plan", plan: {} } as RunEvent;
  const log = await RunLog.open(folder, { onProblem: () => {} });
  await log.write(plan);
  await log.release();
  for (const event of [...begin, before, evaluation(0), step(1)]) await log.write(event);

  expect(await session([before, evaluation(0)], { step: 0 })).toEqual([
    plan,
    ...begin,
    before,
    evaluation(0),
  ]);
});

test("a new run has a new log", async () => {
  await session([before, step(1)]);

  expect(await session([before])).toEqual([...begin, before]);
});

test("nothing changes before the run can begin", async () => {
  await session([before, step(1)]);
  const text = await readFile(join(folder, "log.jsonl"), "utf8");

  const log = await RunLog.open(folder, { onProblem: () => {} });
  await log.write(before);

  expect(await readFile(join(folder, "log.jsonl"), "utf8")).toBe(text);
});

test("a log that cannot be written is told of once, and is no reason to stop", async () => {
  const problems: unknown[] = [];
  const log = await RunLog.open(join(folder, "nowhere"), {
    onProblem: (error) => problems.push(error),
  });
  await log.release();
  await log.write(before);
  await log.sync();

  expect(problems).toHaveLength(1);
  expect(log.all("speech")).toHaveLength(1);
});
