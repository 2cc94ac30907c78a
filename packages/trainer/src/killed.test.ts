/// <reference types="node" />
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeSafetensors } from "@hawksbill/checkpoint";
import { Random } from "@hawksbill/core";
import { afterAll, describe, expect, test } from "vitest";
import { cpu } from "../fixtures/toy.js";
import { course, optimizers } from "../test/course.js";
import { lineOf } from "../test/line-of.js";
import { train } from "./train.js";
import { encodeTrainingState } from "./training-state.js";

const on = cpu();
const folder = mkdtempSync(join(tmpdir(), "hawksbill-killed-"));
afterAll(() => rmSync(folder, { recursive: true }));
const script = fileURLToPath(new URL("../test/killed-run.ts", import.meta.url));

/** The lines and the checkpoint of a run that nobody kills. */
async function straight(optimizer: string): Promise<{ lines: string[]; checkpoint: Uint8Array }> {
  const lines: string[] = [];
  let checkpoint = new Uint8Array();
  for await (const event of train({
    ...course(optimizer, on.device),
    checkpoint: {
      every: 1,
      async save(state) {
        const { tensors, metadata } = encodeTrainingState(state);
        checkpoint = encodeSafetensors(tensors, metadata) as typeof checkpoint;
      },
    },
  }))
    lines.push(lineOf(event));
  return { lines, checkpoint };
}

/**
 * The run in a process of its own, until it ends or is killed.
 *
 * @param doom The line that its end follows, and after how many milliseconds.
 */
async function run(
  args: readonly string[],
  doom?: { readonly line: string; readonly count: number; readonly milliseconds: number },
): Promise<{ lines: string[]; signal: string | null }> {
  const node = ["--conditions=@hawksbill/source", "--import", "tsx", script];
  const child = spawn(process.execPath, [...node, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  let isDoomed = false;
  child.stdout.on("data", (data: Buffer) => {
    output += data;
    if (!doom || isDoomed || output.split(doom.line).length <= doom.count) return;
    isDoomed = true;
    setTimeout(() => child.kill("SIGKILL"), doom.milliseconds);
  });
  const [, signal] = await once(child, "close");
  return { lines: output.split("\n").slice(0, -1), signal };
}

/** Five times each: twenty in all, of which eight are in the middle of writing a checkpoint. */
describe.skipIf(process.platform === "win32")("killed with SIGKILL (needs signals)", () => {
  test.concurrent.each(Object.keys(optimizers))(
    "five times at any moment, a run with %s ends with the bytes of one that was not",
    async (optimizer) => {
      const { lines, checkpoint } = await straight(optimizer);
      const path = join(folder, optimizer);
      const random = new Random(Object.keys(optimizers).indexOf(optimizer));
      const seen: string[] = [];
      for (let kill = 0; kill < 5; kill++) {
        const step = 1 + random.integer(6); // So that none of five comes to the fortieth.
        const killed =
          kill % 2 === 1
            ? await run([optimizer, path, "7", `${step}`], {
                line: "half\n",
                count: 1,
                milliseconds: 0,
              })
            : await run([optimizer, path, "7"], {
                line: '"type":"step"',
                count: step,
                milliseconds: 10 * random.next(),
              });
        expect(killed.signal).toBe("SIGKILL");
        seen.push(...killed.lines.filter((line) => line !== "half"));
      }
      const halves = readdirSync(folder).filter((name) => name.startsWith(`${optimizer}.`));
      expect(halves.length).toBeGreaterThanOrEqual(2);
      const last = await run([optimizer, path]);
      seen.push(...last.lines);

      expect(last.signal).toBe(null);
      expect(Buffer.compare(readFileSync(path), checkpoint)).toBe(0);
      // What was told again went as before, and nothing is missing, the word of a checkpoint neither.
      expect([...new Set(seen)].sort()).toEqual([...lines].sort());
    },
    300_000, // Twenty-four processes start: in seconds each where the machine is busy.
  );
});
