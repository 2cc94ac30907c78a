import { readFile } from "node:fs/promises";
import { openDevice } from "@hawksbill/core";
import { expect, test } from "vitest";
import { oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";
import { textReporter } from "../reporter.js";
import { finetuneRun } from "./finetune-run.js";
import type { RunOptions } from "./job.js";
import { claimFolder } from "./run-folder.js";
import { saveCheckpoint, saveWithPatience } from "./save-checkpoint.js";

const { path } = scratch();

/** What Node throws from a write to a full disk. */
const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
  code: "ENOSPC",
  syscall: "write",
});

/** A run of four steps with a checkpoint at each, saved by this. @returns What it printed. */
async function run(folder: string, save: NonNullable<RunOptions["save"]>): Promise<string> {
  await claimFolder(folder);
  const device = await openDevice("cpu", { threads: 1 });
  let printed = "";
  const reporter = textReporter({
    out: (text) => {
      printed += text;
    },
    error: () => {},
  });
  const settings = {
    dataset: path("voice"),
    base: path("model"),
    steps: 4,
    batchSize: 2,
    heldOut: 1,
    seed: 0,
    recipe: "hawksbill",
    device: "cpu",
    checkpointEvery: 1,
    decoderSteps: 0,
  } as const;
  const signal = new AbortController().signal;
  try {
    await finetuneRun(
      { folder, settings, command: "finetune", save },
      { reporter, signal, device },
    );
  } finally {
    await device.close();
  }
  return printed;
}

test("a full disk in the middle is told, and training goes on", async () => {
  const printed = await run(path("middle"), async (folder, state) => {
    if (state.step === 2) throw full;
    await saveCheckpoint(folder, state);
  });

  expect(printed).toContain(
    "Warning: the checkpoint of step 2 was not saved: ENOSPC: no space left on device, write\n",
  );
  expect(JSON.parse(await readFile(path("middle/summary.json"), "utf8")).steps).toBe(4);
});

test("an error at the end says what is saved, and the run goes on from there", async () => {
  const broken = new Error("the disk was pulled out");

  await expect(
    run(path("end"), async (folder, state) => {
      if (state.step === 4) throw broken;
      await saveCheckpoint(folder, state);
    }),
  ).rejects.toThrow(
    `the disk was pulled out\nWhat was saved is safe. Go on with:\n  npx hawksbill finetune --resume ${path("end")}`,
  );

  const resumed = await runCli(["finetune", "--resume", path("end"), ...oneThread]);
  expect(resumed).toMatchObject({ code: 0, error: "" });
  expect(resumed.out).toContain("step 4/4");
});

test("waits for room on a full disk before anything is lost", async () => {
  const waits: unknown[] = [];
  const error = new Error("cannot be written", { cause: full });
  const patience = { seconds: 0, attemptsLeft: 5 };
  let attempts = 0;

  await saveWithPatience(
    async () => {
      attempts++;
      if (attempts < 3) throw error;
    },
    patience,
    (reason) => waits.push(reason),
  );

  expect(waits).toEqual([error, error]);
  expect(patience.attemptsLeft).toBe(3);
});

test("does not wait for ever, nor for other errors", async () => {
  const patience = { seconds: 0, attemptsLeft: 2 };
  let attempts = 0;
  const fail = (error: Error): Promise<void> =>
    saveWithPatience(
      async () => {
        attempts++;
        throw error;
      },
      patience,
      () => {},
    );

  await expect(fail(full)).rejects.toBe(full);
  expect(attempts).toBe(3);
  await expect(fail(full)).rejects.toBe(full);
  expect(attempts).toBe(4);

  patience.attemptsLeft = 9;
  const other = new Error("other");
  await expect(fail(other)).rejects.toBe(other);
  expect(attempts).toBe(5);
});
