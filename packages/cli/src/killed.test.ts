import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, watch } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { Random } from "@hawksbill/core";
import { expect, test, vi } from "vitest";
import { startChild } from "../test/child.js";
import { oneThread, runCli } from "../test/run-cli.js";
import { scratch } from "../test/scratch.js";

const { path } = scratch();
vi.setConfig({ testTimeout: 900_000 }); // Processes start twenty-some times: in seconds each on a busy machine.

function start(out: string, ...more: string[]): string[] {
  const data = ["--dataset", path("voice"), "--base", path("model"), "--out", path(out)];
  const asked = ["--steps", "24", "--seed", "1", "--device", "cpu"];
  const often = ["--checkpoint-every", "1", "--sample-every", "6", "--evaluate-every", "4"];
  const quick = ["--batch-size", "2", "--decoder-steps", "3", ...oneThread];
  return ["finetune", ...data, ...asked, ...often, ...quick, ...more, "--json"];
}

function resume(run: string): string[] {
  return ["finetune", "--resume", path(run), ...oneThread, "--json"];
}

/** Waits until a file of this form appears in the run's folder. */
function appears(run: string, form: RegExp): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(path(run), (_, name) => {
      if (!form.test(name ?? "")) return;
      watcher.close();
      resolve();
    });
  });
}

async function halfFiles(run: string): Promise<string[]> {
  const names = await readdir(path(run), { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith(".partial"));
}

/** Waits until the run's folder says what the run is to do. */
async function configAppears(run: string): Promise<void> {
  while (!existsSync(path(`${run}/config.json`)))
    await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Moments to be killed at, in turn: while a checkpoint is written, and soon after these events. */
const moments = ["half", '"type":"step"', "half", '"type":"evaluation"', '"type":"checkpoint"'];

/** Goes on with a run, and kills it at a moment. @returns Whether it had not ended before. */
async function kill(run: string, moment: string, milliseconds: number): Promise<boolean> {
  const child = startChild(resume(run));
  const comes = moment === "half" ? appears(run, /^checkpoint.*partial$/) : child.prints(moment);
  await Promise.race([comes.catch(() => undefined), child.ended]);
  if (moment !== "half") await new Promise((resolve) => setTimeout(resolve, milliseconds));
  child.process.kill("SIGKILL");
  return (await child.ended) === "SIGKILL";
}

/** The events of a run's log without what the clock says. */
async function eventsOf(name: string): Promise<unknown[]> {
  const timed = new Set(["step", "evaluation", "checkpoint", "summary"]);
  const clock = { etaSeconds: 0, tokensPerSecond: 0, memoryMB: 0, peakMemoryMB: 0, time: "" };
  const lines = (await readFile(path(`${name}/log.jsonl`), "utf8")).trimEnd().split("\n");
  return lines.map((line) => {
    const event = JSON.parse(line);
    return { ...event, ...clock, ...(timed.has(event.type) ? { seconds: 0 } : {}) };
  });
}

/** What TensorBoard reads, without what the clock says. */
function tensorBoardOf(name: string): unknown {
  const script = `
import hashlib, json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
read = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "audio": 0})
read.Reload()
tags = read.Tags()
print(json.dumps([
  {tag: [[e.step, e.value] for e in read.Scalars(tag)] for tag in tags["scalars"] if not tag.endswith(("/seconds", "/tokensPerSecond"))},
  {tag: [[e.step, hashlib.sha256(e.encoded_audio_string).hexdigest()] for e in read.Audio(tag)] for tag in tags["audio"]},
]))`;
  const printed = execFileSync("python3", ["-c", script, path(`${name}/tensorboard`)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(`${printed}`);
}

const hasTensorBoard = spawnSync("python3", ["-c", "import tensorboard"]).status === 0;

const samples = [6, 12, 18, 24].map((step) => `samples/step-${`${step}`.padStart(6, "0")}.wav`);

/** Expects the same files, events and curves of both runs. */
async function expectSame(run: string, other: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const [ours, theirs] = [run, other].map((name) => readFile(path(`${name}/${file}`)));
    expect([file, Buffer.compare((await ours) as Buffer, (await theirs) as Buffer)]).toEqual([
      file,
      0,
    ]);
  }
  expect(await eventsOf(run)).toEqual(await eventsOf(other));
  expect(await readdir(path(`${run}/tensorboard`))).toHaveLength(1);
  if (hasTensorBoard) expect(tensorBoardOf(run)).toEqual(tensorBoardOf(other));
}

const models = ["checkpoint.safetensors", "model/unified-voice.safetensors"];

// Windows has no signals.
test.skipIf(process.platform === "win32")(
  "killed twenty times with SIGKILL, a run leaves what one leaves that was not (needs signals)",
  async () => {
    const straight = await runCli(start("straight"));
    expect(straight).toMatchObject({ code: 0, error: "" });

    const run = "killed";
    const random = new Random(4);
    let [kills, halves] = [0, 0];
    // Before the data is read, as it is read, as the run is planned: long before the first checkpoint.
    for (const [args, moment] of [
      [start(run), "config"],
      [resume(run), '"type":"data"'],
      [resume(run), '"type":"split"'],
    ] as const) {
      const early = startChild(args);
      if (moment === "config") await configAppears(run);
      else await early.prints(moment);
      early.process.kill("SIGKILL");
      expect(await early.ended).toBe("SIGKILL");
      kills++;
    }
    for (let session = 0; kills < 20 && session < 40; session++) {
      const moment = moments[session % moments.length] as string;
      if (await kill(run, moment, 12 * random.next())) kills++;
      if ((await halfFiles(run)).some((name) => name.startsWith("checkpoint"))) halves++;
    }
    const last = startChild(resume(run));

    expect(await last.ended).toBe(0);
    expect(kills).toBe(20);
    expect(halves).toBeGreaterThan(0);
    expect(await halfFiles(run)).toEqual([]);
    const sounds = ["before.wav", "after.wav", ...samples];
    await expectSame(run, "straight", [...models, "model/dvae.safetensors", ...sounds]);
  },
);

test.skipIf(process.platform === "win32")(
  "so does that of an adapter with a moving average (needs signals)",
  async () => {
    const more = ["--lora", "2", "--average-decay", "0.8"];
    expect(await runCli(start("straight-lora", ...more))).toMatchObject({ code: 0, error: "" });

    const run = "killed-lora";
    const first = startChild(start(run, ...more));
    await first.prints('"step":3,');
    first.process.kill("SIGKILL");
    await first.ended;
    const killed = [await kill(run, "half", 0), await kill(run, '"type":"evaluation"', 5)];
    const last = startChild(resume(run));

    expect(await last.ended).toBe(0);
    expect(killed).toEqual([true, true]);
    await expectSame(run, "straight-lora", [...models, "adapter.safetensors", ...samples]);
  },
);
