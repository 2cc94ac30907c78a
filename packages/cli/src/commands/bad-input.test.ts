import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Outcome, oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";
import { hum, writeTinyDataset } from "../../test/tiny-dataset.js";
import { writeTinyModel } from "../../test/tiny-model.js";

const { path } = scratch();

function finetune(dataset: string, out: string, ...more: string[]): Promise<Outcome> {
  const data = ["--dataset", dataset, "--base", path("model"), "--out", out];
  const steps = ["--steps", "1", "--decoder-steps", "0", ...oneThread];
  return runCli(["finetune", ...data, ...steps, ...more]);
}

/** A dataset with everything wrong that can be wrong with a clip, and three good ones. */
async function badDataset(folder: string): Promise<void> {
  await writeTinyDataset(folder, {
    good: "Hello.",
    better: "There!",
    best: "Who?",
    short: "Hello.",
    long: "Hello.",
    strange: "Hello #.",
    broken: "Hello.",
    gone: "Hello.",
  });
  const wav = (id: string): string => join(folder, "wavs", `${id}.wav`);
  for (const id of ["good", "better", "best"]) await writeFile(wav(id), hum(0.7, 150));
  await writeFile(wav("short"), hum(0.3));
  await writeFile(wav("long"), hum(2));
  await writeFile(wav("strange"), hum(0.7));
  await writeFile(wav("broken"), "this is no sound");
  await rm(wav("gone"));
}

test("names each clip that cannot be used, with its line, the reason and what to do, and goes on", async () => {
  await badDataset(path("bad"));

  const { code, out } = await finetune(path("bad"), path("bad-run"));

  expect(code).toBe(0);
  const lines = out.split("\n").filter((line) => line.includes("metadata.csv:"));
  expect(lines.map((line) => line.trim())).toEqual([
    "metadata.csv:4: wavs/short.wav lasts 0.30 s, less than 0.6 s; join it with its neighbour, or leave it out",
    "metadata.csv:5: wavs/long.wav lasts 2.00 s, more than 1.06 s; cut it at pauses into shorter clips, each with its own text",
    expect.stringMatching(/^metadata\.csv:6: wavs\/strange\.wav has "#" \(letter 7\)/),
    expect.stringMatching(/^metadata\.csv:7: wavs\/broken\.wav cannot be read: /),
    "metadata.csv:8: wavs/gone.wav is missing; add the file, or take the line out",
  ]);
  expect(out).toContain(
    "Warning: the batch size is 8, but there are only 2 clips: every batch has all of them\n",
  );
});

test("refuses a dataset of which no clip can be used, and leaves the folder free", async () => {
  await badDataset(path("hopeless"));
  await writeFile(path("hopeless/metadata.csv"), "short|Hello.\ngone|Hello.\n");

  const { code, error } = await finetune(path("hopeless"), path("hopeless-run"));

  expect(code).toBe(1);
  expect(error).toContain(
    "no clip can be used:\n  metadata.csv:1: wavs/short.wav lasts 0.30 s, less than 0.6 s;",
  );
  expect(error).not.toMatch(/^\s+at /m);
  expect((await finetune(path("voice"), path("hopeless-run"))).code).toBe(0);
});

test.each([
  ["an empty folder", async (folder: string) => void (await mkdir(folder)), "no metadata.csv"],
  ["no folder", async () => {}, "there is no folder"],
])("refuses %s as a dataset", async (name, make, words) => {
  const folder = path(name.replaceAll(" ", "-"));
  await make(folder);

  const { code, error } = await finetune(folder, path("no-run"));

  expect(code).toBe(1);
  expect(error).toContain(words);
});

test("refuses one clip, of which none would be left to train on", async () => {
  await writeTinyDataset(path("one"), { a: "Hello." });

  const { code, error } = await finetune(path("one"), path("one-run"));

  expect(code).toBe(1);
  expect(error).toContain("1 of 1 clips are to be held out, so none is left to train on");
});

test("refuses to hold out a clip that is not there", async () => {
  const { code, error } = await finetune(path("voice"), path("z-run"), "--held-out", "a,z");

  expect(code).toBe(1);
  expect(error).toBe(
    'Error: finetune: "z" is to be held out, but no clip has this id; give ids of clips that can be used\n',
  );
});

test("refuses models whose parts do not fit together", async () => {
  await writeTinyModel(path("mixed"), { codes: 32, spokenCodes: 16 });

  const { code, error } = await finetune(path("voice"), path("m-run"), "--base", path("mixed"));

  expect(code).toBe(1);
  expect(error).toBe(
    "Error: unified-voice.safetensors: has 16 mel codes, the dVAE 32; give the dVAE that it was trained with\n",
  );
});

test("refuses a folder without a model", async () => {
  const { code, error } = await finetune(path("voice"), path("n-run"), "--base", path("voice"));

  expect(code).toBe(1);
  expect(error).toContain(
    "has no unified-voice.safetensors, autoregressive.pth, autoregressive.safetensors (the UnifiedVoice; TorToiSe's comes with: hawksbill download tortoise)",
  );
});

test("refuses a place that cannot be written to", async () => {
  await writeFile(path("a-file"), "");

  expect((await finetune(path("voice"), path("a-file"))).error).toBe(
    `Error: ${path("a-file")}: there is a file of this name; choose another one\n`,
  );
  expect((await finetune(path("voice"), path("a-file/run"))).error).toBe(
    `Error: ${path("a-file/run")}: a part of its path is a file, not a folder; check the path\n`,
  );
});

const isRoot = process.getuid?.() === 0;
test.skipIf(isRoot || process.platform === "win32")(
  "refuses a folder that may not be written to (needs a user that is not root)",
  async () => {
    await mkdir(path("locked"), { mode: 0o500 });

    expect((await finetune(path("voice"), path("locked"))).error).toBe(
      `Error: ${path("locked")}: permission is denied; change the permissions or choose another place\n`,
    );
  },
);

test("refuses a command line that ONNX Runtime could not stand", async () => {
  const { code, error } = await runCli(["say", "a".repeat(30_000), "--out", "x.wav"]);

  expect({ code, error }).toEqual({
    code: 1,
    error:
      "Error: the command line is 30017 letters long, and may have 20000; give a long text to `hawksbill read` in a file, and many clips as their folder\n",
  });
});
