import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { type Outcome, oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";

const { path } = scratch();

function say(text: string, ...more: string[]): Promise<Outcome> {
  const out = ["--out", path("said.wav"), "--model", path("model"), ...oneThread];
  return runCli(["say", text, ...out, ...more]);
}

test("speaks in the voice of files and folders", async () => {
  const voice = [path("voice"), path("voice/wavs/a.wav")];

  const { code, out, error } = await say("Hello.", "--voice", ...voice);

  expect({ code, error }).toEqual({ code: 0, error: "" });
  expect(out).toContain(`voice: 5 clips of ${voice.join(", ")}\n`);
});

test("says the same with the same seed, and something else with another", async () => {
  const speech = async (...more: string[]): Promise<string> => {
    await say("Hello there.", "--voice", path("voice"), "--temperature", "2", ...more);
    const wav = await readFile(path("said.wav"));
    return createHash("sha256").update(wav).digest("hex");
  };

  const first = await speech("--seed", "1");

  expect(await speech("--seed", "1")).toBe(first);
  expect(await speech("--seed", "2")).not.toBe(first);
  expect(await speech("--greedy")).toBe(await speech("--greedy", "--top-k", "1"));
});

test.each([
  ["Hello #.", '"#" at 6'],
  ["", "nothing to say"],
  ["Who is it who is it who is it who is it who is it who is it?", "tokens"],
])("refuses the text %j", async (text, words) => {
  const { code, error } = await say(text, "--voice", path("voice"));

  expect(code).toBe(1);
  expect(error).toContain(words);
  expect(error).not.toMatch(/^\s+at /m);
});

test("refuses a folder without recordings", async () => {
  await mkdir(path("silent"));

  expect((await say("Hello.", "--voice", path("silent"))).error).toContain(
    `${path("silent")}: there are no recordings in it`,
  );
});
