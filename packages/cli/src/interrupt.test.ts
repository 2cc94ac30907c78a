import { once } from "node:events";
import { readdirSync, watch } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { readSafetensors } from "@hawksbill/checkpoint/node";
import { decodeTrainingState } from "@hawksbill/trainer";
import { describe, expect, test } from "vitest";
import { type Child, startChild } from "../test/child.js";
import { oneThread, runCli } from "../test/run-cli.js";
import { scratch } from "../test/scratch.js";

const { path } = scratch();

/** A run in a process of its own, longer than any test waits. */
function startRun(out: string, ...more: string[]): Child {
  const data = ["--dataset", path("voice"), "--base", path("model"), "--out", path(out)];
  const steps = ["--steps", "100000", "--batch-size", "2", ...oneThread];
  return startChild(["finetune", ...data, ...steps, "--json", ...more]);
}

async function savedStep(run: string): Promise<number> {
  const file = path(`${run}/checkpoint.safetensors`);
  return decodeTrainingState(await readSafetensors(file), file).step;
}

// Windows has no signals: Ctrl-C cannot be sent to a process there.
describe.skipIf(process.platform === "win32")("a process of its own (needs signals)", () => {
  test("Ctrl-C saves, says how to go on, and ends with 130", async () => {
    const child = startRun("interrupted");
    await child.prints('"type":"step"');
    child.process.kill("SIGINT");

    expect(await child.ended).toBe(130);
    const [, step = ""] = /Stopped after step (\d+) of 100000/.exec(child.output()) ?? [];
    expect(await savedStep("interrupted")).toBe(Number(step));
    expect(child.output()).toContain(`npx hawksbill finetune --resume ${path("interrupted")}\n`);
    expect(child.output()).not.toMatch(/^\s+at /m);
  });

  test("a second Ctrl-C stops at once", async () => {
    const child = startRun("twice");
    await child.prints('"type":"encode"');
    child.process.kill("SIGSTOP"); // So that both arrive before any work is done.
    child.process.kill("SIGINT");
    child.process.kill("SIGCONT");
    child.process.kill("SIGINT");

    expect(await child.ended).toBe(130);
  });

  test("a second Ctrl-C loses nothing that was saved", async () => {
    const child = startRun("hasty", "--accumulate", "200", "--checkpoint-every", "1");
    await child.prints('"type":"checkpoint"');
    child.process.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 700)); // Later than npx passes the first one on again.
    child.process.kill("SIGINT");

    expect(await child.ended).toBe(130);
    const step = await savedStep("hasty");
    expect(step).toBeGreaterThan(0);
    const again = startChild(["finetune", "--resume", path("hasty"), ...oneThread, "--json"]);
    await again.prints(`"type":"checkpoint","step":${step},`);
    again.process.kill("SIGKILL");
    expect(await again.ended).toBe("SIGKILL");
  });

  test("killed while it writes a checkpoint, it has the one before, and goes on from there", async () => {
    const child = startRun("killed", "--checkpoint-every", "1");
    await child.prints('"type":"checkpoint"');
    const watcher = watch(path("killed"));
    for (;;) {
      await once(watcher, "change");
      if (readdirSync(path("killed")).some((name) => name.endsWith(".partial"))) break;
    }
    child.process.kill("SIGKILL");
    watcher.close();

    expect(await child.ended).toBe("SIGKILL");
    const step = await savedStep("killed");
    expect(step).toBeGreaterThan(0);
    const controller = new AbortController();
    controller.abort();
    const resume = ["finetune", "--resume", path("killed"), ...oneThread];
    expect((await runCli(resume, controller.signal)).code).toBe(130);
    expect(await savedStep("killed")).toBe(step);
    expect(await readdir(path("killed"))).not.toContainEqual(expect.stringMatching(/partial$/));
    expect(await readFile(path("killed/log.jsonl"), "utf8")).toContain('"type":"step"');
  });
});
