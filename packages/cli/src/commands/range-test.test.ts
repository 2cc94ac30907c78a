import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Outcome, oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";

const { path } = scratch();

function rangeTest(...more: string[]): Promise<Outcome> {
  const data = ["--dataset", path("voice"), "--base", path("model")];
  return runCli(["finetune", "--range-test", ...data, ...oneThread, ...more]);
}

async function filesOf(folder: string): Promise<Record<string, Buffer>> {
  const names = await readdir(folder);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))])),
  );
}

test("says a learning rate and why, leaves a page, and changes no weights", async () => {
  const before = await filesOf(path("model"));
  const { code, out, error } = await rangeTest("--out", path("rates"), "--batch-size", "3");
  expect([code, error]).toEqual([0, ""]);
  expect(out).toContain("range test: 60 steps from 1.0e-5 to 1.0e+0, on a copy of the weights\n");
  expect(out).toMatch(/\n--learning-rate \d\.\de-\d: (there|that is a tenth of)/);
  expect(await filesOf(path("model"))).toEqual(before);
  expect(await readdir(path("rates"))).toEqual(["range-test.html"]);
  const page = await readFile(path("rates/range-test.html"), "utf8");
  expect(page).toContain("<h1>Learning rate ");
  expect(page).toContain(
    '<svg viewBox="0 0 760 320" role="img" aria-label="Loss over learning rates',
  );
  expect(page).not.toMatch(/<script|src="http|href="http/);
});

test("works with an adapter, as JSON, without a page; too few steps tell nothing", async () => {
  const { out } = await rangeTest("--lora", "2", "--steps", "4", "--json");
  const lines = out.trim().split("\n");
  const events = lines.map((line) => JSON.parse(line));
  const found = events.find(({ type }) => type === "rangeTest");
  expect(found.points).toHaveLength(4);
  expect(found.rate).toBeUndefined();
  expect(found.why).toBe("there are 4 steps, too few to tell; give more");
});
