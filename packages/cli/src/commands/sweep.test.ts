import { readdir, readFile, rm, stat } from "node:fs/promises";
import { expect, test } from "vitest";
import { type Outcome, oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";

const { path } = scratch();

function sweep(out: string, ...more: string[]): Promise<Outcome> {
  const data = ["--dataset", path("voice"), "--base", path("model"), "--held-out", "1"];
  const steps = ["--batch-size", "2", "--decoder-steps", "0", ...oneThread];
  return runCli(["sweep", ...data, ...steps, "--out", path(out), ...more]);
}

async function readSweep(out: string) {
  return JSON.parse(await readFile(path(`${out}/sweep.json`), "utf8"));
}

test("makes a run of each, compares them in a page and in JSON, and makes none twice", async () => {
  const steps = ["--steps", "3", "--lora-alpha", "4"]; // Which does nothing where lora is 0.
  const set = [...steps, "--set", "learning-rate=1e-4,1e-3", "--set", "lora=0,2"];
  const { code, out, error } = await sweep("rates", ...set);
  expect([code, error]).toEqual([0, ""]);
  expect(out).toContain("run 4 of 4: learning-rate=1e-3 lora=2\n");
  expect((await readdir(path("rates"))).sort()).toEqual(["runs", "sweep.html", "sweep.json"]);
  const { runs, axes } = await readSweep("rates");
  expect(axes).toEqual([
    { option: "learning-rate", values: ["1e-4", "1e-3"] },
    { option: "lora", values: ["0", "2"] },
  ]);
  const losses = runs.map(
    (run: { summary: { heldOutMelLossAfter: number } }) => run.summary.heldOutMelLossAfter,
  );
  expect(losses).toHaveLength(4);
  expect(losses).toEqual([...losses].sort((a, b) => a - b));
  expect(runs[0]).toMatchObject({ name: "learning-rate=1e-3 lora=0", state: "done" });

  const page = await readFile(path("rates/sweep.html"), "utf8");
  expect(page.match(/<audio/g)).toHaveLength(4 + 2); // Each run's, the recording and the base's.
  expect(page.match(/<polyline/g)).toHaveLength(2 * 4);
  expect(page).not.toMatch(/<script|src="http|href="http/);

  const made = (await stat(path(`rates/${runs[0].folder}/summary.json`))).mtimeMs;
  await rm(path(`rates/${runs[3].folder}/summary.json`));
  const again = await sweep("rates", ...set, "--device=cpu");
  expect(again.out.match(/: it is there already\n/g)).toHaveLength(3);
  expect((await stat(path(`rates/${runs[0].folder}/summary.json`))).mtimeMs).toBe(made);
  expect((await readSweep("rates")).runs.map(({ name }: { name: string }) => name)).toEqual(
    runs.map(({ name }: { name: string }) => name),
  );
  const other = await sweep("rates", "--steps", "4", "--set", "lora=2");
  expect(other.error).toContain(
    "and its runs could not be compared; give the same, or another --out",
  );
});

test("a run that fails is told, and does not stop the others; if all do, the sweep does", async () => {
  const { code, out, error } = await sweep("some", "--steps", "1", "--set", "learning-rate=x,1e-3");
  expect([code, error]).toEqual([
    1,
    `Error: ${path("some")}: 1 run failed; give the same command again to try once more\n`,
  ]);
  expect(out).toContain(
    "Warning: run 1 of 2: learning-rate=x failed: option '--learning-rate <x>' argument 'x' is invalid. Give a number above 0.\n",
  );
  const { runs } = await readSweep("some");
  expect(runs.map(({ state }: { state: string }) => state)).toEqual(["done", "failed"]);
  const none = await sweep("none", "--stpes", "1", "--set", "lora=2");
  expect(none.code).toBe(1);
  expect(none.error).toContain("no run came through; unknown option '--stpes'");
});

test("stops when told to, and goes on with the same command", async () => {
  const set = ["--steps", "2", "--set", "lora=0,2"];
  const stopped = await runCli(
    [
      "sweep",
      "--dataset",
      path("voice"),
      "--base",
      path("model"),
      "--out",
      path("stopped"),
      ...set,
      ...oneThread,
    ],
    AbortSignal.abort(),
  );
  expect(stopped.code).toBe(130);
  expect(stopped.error).toBe(
    "Stopped at run 1 of 2: lora=0; what was done is saved. Give the same command again to go on.\n",
  );
  const other = await sweep("stopped", ...set);
  expect(other.error).toContain("and its runs could not be compared");
});

test("refuses options of a single run, and sets without sense", async () => {
  expect((await sweep("x", "--plan", "--set", "lora=2")).error).toContain("--plan is for one run");
  expect((await sweep("x", "--resume=y", "--set", "lora=2")).error).toContain(
    "--resume is for one run; give it to finetune, without sweep",
  );
  expect((await sweep("x", "--set", "lroa=2")).error).toContain('did you mean "lora"?');
});
