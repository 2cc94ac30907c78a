import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeMono } from "@hawksbill/audio";
import { readSafetensors } from "@hawksbill/checkpoint/node";
import { decodeTrainingState } from "@hawksbill/trainer";
import { beforeAll, describe, expect, test } from "vitest";
import { type Outcome, oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";

const { path } = scratch();

/** A run of four steps on the tiny model and voice. */
function finetune(out: string, ...more: string[]): Promise<Outcome> {
  const data = ["--dataset", path("voice"), "--base", path("model"), "--out", path(out)];
  const steps = ["--steps", "4", "--batch-size", "2", "--decoder-steps", "2"];
  return runCli(["finetune", ...data, ...steps, ...oneThread, ...more]);
}

describe("a run", () => {
  let outcome: Outcome;
  beforeAll(async () => {
    outcome = await finetune("run", "--held-out", "b", "--seed", "3");
  });

  test("says what it found and what came of it", () => {
    expect(outcome.error).toBe("");
    expect(outcome.code).toBe(0);
    expect(outcome.out).toContain("  clips     4\n");
    expect(outcome.out).toContain("3 clips to train on, 1 held out to measure\n");
    expect(outcome.out).toMatch(/step 4\/4 {2}loss \d.*left {2}\d+ MB\n/);
    expect(outcome.out).toMatch(
      /step 4: held-out mel loss \d\.\d{3}, text loss \d\.\d{3}, \d+ % of the ends known\n/,
    );
    expect(outcome.out).toMatch(/held-out mel loss \d\.\d{3} before, \d\.\d{3} after 4 steps\n/);
  });

  test("leaves all of its files, and no other", async () => {
    expect((await readdir(path("run"))).sort()).toEqual([
      "after.wav",
      "before.wav",
      "checkpoint.safetensors",
      "config.json",
      "log.jsonl",
      "model",
      "reference.wav",
      "report.html",
      "sessions.jsonl",
      "summary.json",
      "tensorboard",
    ]);
  });

  test("sums up in the keys agreed on", async () => {
    const summary = JSON.parse(await readFile(path("run/summary.json"), "utf8"));

    expect(Object.keys(summary)).toEqual([
      "heldOutLossBefore",
      "heldOutLossAfter",
      "heldOutMelLossBefore",
      "heldOutMelLossAfter",
      "heldOutTextLossBefore",
      "heldOutTextLossAfter",
      "steps",
      "seconds",
      "peakMemoryMB",
      "afterSeconds",
      "afterStopped",
      "device",
      "seed",
    ]);
    expect(summary).toMatchObject({ steps: 4, device: "cpu", seed: 3 });
    expect(summary.heldOutMelLossAfter).toBeLessThan(summary.heldOutMelLossBefore);
    expect(summary.seconds.train).toBeGreaterThan(0);
    const { total, ...parts } = summary.seconds as Record<string, number>;
    expect(Object.values(parts).reduce((a, b) => a + b)).toBeCloseTo(total as number, 1);
  });

  test("records the held-out sentence: the recording, before and after", async () => {
    const seconds = async (name: string): Promise<number> => {
      const { samples, sampleRateHz } = await decodeMono(await readFile(path(`run/${name}`)));
      return samples.length / sampleRateHz;
    };

    expect(await seconds("reference.wav")).toBeCloseTo(0.67, 2); // Clip b.
    expect(await seconds("before.wav")).toBeGreaterThan(0);
    const { afterSeconds } = JSON.parse(await readFile(path("run/summary.json"), "utf8"));
    expect(await seconds("after.wav")).toBeCloseTo(afterSeconds, 2);
  });

  test("keeps the complete state of training", async () => {
    const file = path("run/checkpoint.safetensors");

    const state = decodeTrainingState(await readSafetensors(file), file);

    expect(state).toMatchObject({ step: 4, epoch: 1, batch: 2 });
    expect(Object.keys(state.optimizer.moments)).toEqual(["m", "v"]);
  });

  test("logs each event", async () => {
    const log = await readFile(path("run/log.jsonl"), "utf8");
    const types = log
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).type);

    expect(types.filter((type) => type === "step")).toHaveLength(4);
    expect(new Set(types)).toEqual(
      new Set([
        "data",
        "plan",
        "split",
        "speech",
        "evaluation",
        "step",
        "checkpoint",
        "done",
        "decoderEvaluation",
        "decoderStep",
        "summary",
      ]),
    );
  });

  test("leaves a model that speaks, in the run's own voice", async () => {
    const out = path("hello.wav");

    const said = await runCli([
      "say",
      "Hello there.",
      "--model",
      path("run"),
      "--out",
      out,
      ...oneThread,
    ]);

    expect(said.error).toBe("");
    expect(said.out).toContain(`voice: 3 clips of ${path("voice")}\n`);
    expect(said.out).toMatch(/hello\.wav: \d\.\d s of speech\n$/);
    expect((await decodeMono(await readFile(out))).sampleRateHz).toBe(22_050);
  });

  test("is refused as the folder of another run, and left as it is", async () => {
    const before = await readFile(path("run/config.json"), "utf8");

    const { code, error } = await finetune("run");

    expect(code).toBe(1);
    expect(error).toBe(
      `Error: ${path("run")}: there is a run already; go on with it (npx hawksbill finetune --resume ${path("run")}) or choose another folder\n`,
    );
    expect(await readFile(path("run/config.json"), "utf8")).toBe(before);
  });

  test("can be the base of another run", async () => {
    const { code } = await finetune("second", "--base", path("run"));

    expect(code).toBe(0);
  });
});

test("--json prints events and nothing else", async () => {
  const { code, out } = await finetune("json", "--json", "--batch-size", "9");
  const events = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

  expect(code).toBe(0);
  expect(events.filter(({ type }) => type === "encode").at(-1)).toMatchObject({
    done: 4,
    total: 4,
  });
  expect(events.find(({ type }) => type === "warning").message).toBe(
    "the batch size is 9, but there are only 3 clips: every batch has all of them",
  );
  expect(events.find(({ type }) => type === "summary").steps).toBe(4);
});

test("without held-out clips it measures nothing, and speaks a sentence that it was trained on", async () => {
  const { code, out } = await finetune("all", "--held-out", "0");

  expect(code).toBe(0);
  expect(out).toContain("4 clips to train on, 0 held out to measure\n");
  const summary = JSON.parse(await readFile(path("all/summary.json"), "utf8"));
  expect(summary).toMatchObject({ heldOutMelLossBefore: null, heldOutMelLossAfter: null });
  expect(await readFile(path("all/report.html"), "utf8")).toContain("as nothing was held out");
});

test("takes the original recipe", async () => {
  const { code } = await finetune("dlas", "--recipe", "dlas");

  expect(code).toBe(0);
  expect(await readFile(path("dlas/config.json"), "utf8")).toContain('"recipe": "dlas"');
});

test("does not write over files that are not its own", async () => {
  await mkdir(path("mine"));
  await writeFile(path("mine/report.html"), "my report");

  const { code, error } = await finetune("mine");

  expect(code).toBe(1);
  expect(error).toBe(
    `Error: ${path("mine")}: there is report.html, which a run would write over; choose another folder\n`,
  );
  expect(await readFile(path("mine/report.html"), "utf8")).toBe("my report");
});

test("begins in a folder that has other files", async () => {
  await mkdir(path("notes"));
  await writeFile(join(path("notes"), "notes.txt"), "mine");

  expect((await finetune("notes")).code).toBe(0);
  expect(await readFile(path("notes/notes.txt"), "utf8")).toBe("mine");
});
