import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { writePth } from "@hawksbill/checkpoint/node";
import { disposeModel } from "@hawksbill/tortoise";
import { openModel } from "@hawksbill/tortoise/node";
import { exportStateDict } from "@hawksbill/unified-voice";
import { beforeAll, expect, test } from "vitest";
import { type Outcome, oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";
import { writeTinyDataset } from "../../test/tiny-dataset.js";

const { path } = scratch();

/** TorToiSe's files, of a tiny model. */
beforeAll(async () => {
  const model = await openModel(path("model"));
  await mkdir(path("released"));
  const stateDict = exportStateDict(model.unifiedVoice, { maskBuffers: true });
  await writePth(path("released/autoregressive.pth"), stateDict);
  await writePth(path("released/dvae.pth"), model.dvae);
  await writeFile(path("tokenizer.json"), JSON.stringify(model.tokenizer.toJSON()));
  disposeModel(model);
});

function finetune(out: string, ...more: string[]): Promise<Outcome> {
  const steps = ["--steps", "2", "--batch-size", "2", "--decoder-steps", "0", "--held-out", "1"];
  const rate = ["--learning-rate", "1e-3", "--cache", path("cache")];
  return runCli(["finetune", "--out", path(out), ...steps, ...rate, ...oneThread, ...more]);
}

async function logged(run: string, type: string): Promise<Record<string, unknown>[]> {
  const log = await readFile(path(`${run}/log.jsonl`), "utf8");
  const events = log.trim().split("\n");
  return events.map((line) => JSON.parse(line)).filter((event) => event.type === type);
}

test("an adapter beside TorToiSe's own files in int8; what is missing is named", async () => {
  const base = ["--dataset", path("voice"), "--base", path("released")];
  const lora = ["--lora", "2", "--base-precision", "int8"];
  const missing = await finetune("x", ...base, ...lora);
  expect(missing.error).toContain(
    `has no tokenizer.json, bpe_lowercase_asr_256.json (the vocabulary; TorToiSe's is tortoise/data/tokenizer.json at github.com/neonbjb/tortoise-tts); put it there, or say with "tokenizer" which file it is`,
  );
  await rm(path("x"), { recursive: true, force: true });

  const { code, error } = await finetune(
    "int8",
    ...base,
    ...lora,
    ...["--tokenizer", path("tokenizer.json")],
  );

  expect({ code, error }).toEqual({ code: 0, error: "" });
  for (const speech of ["before.wav", "after.wav"]) // Spoken from 8-bit weights.
    expect((await stat(path(`int8/${speech}`))).size).toBeGreaterThan(44);
  const merged = await openModel(path("int8/model"));
  const released = await openModel(path("model"));
  const name = "gpt.h.0.attn.c_attn.weight";
  expect(merged.unifiedVoice[name]?.dataSync()).not.toEqual(
    released.unifiedVoice[name]?.dataSync(),
  );
  expect(merged.unifiedVoice["mel_head.bias"]?.dataSync()).toEqual(
    released.unifiedVoice["mel_head.bias"]?.dataSync(),
  );
  disposeModel(merged);
  disposeModel(released);
});

test("several datasets, weighed; a second run encodes nothing", async () => {
  await writeTinyDataset(path("more/voice"), { a: "Hello.", b: "There!" });
  const all = ["--base", path("model"), "--dataset", path("voice"), path("more/voice")];
  const wrong = await finetune("z", ...all, "--dataset-weights", "1,2,3");
  expect(wrong.error).toContain("--dataset-weights are 3, for 2 datasets; give one for each");
  await rm(path("z"), { recursive: true, force: true });

  expect((await finetune("both", ...all, "--dataset-weights", "1,2")).code).toBe(0);

  const [split] = await logged("both", "split");
  const ids = [split?.training, split?.heldOut].flat();
  expect(ids.sort()).toEqual([
    "voice 2/a",
    "voice 2/b",
    "voice/a",
    "voice/b",
    "voice/c",
    "voice/d",
  ]);
  const kept = async (): Promise<number[]> => {
    const names = await readdir(path("cache"));
    return Promise.all(names.map(async (file) => (await stat(path(`cache/${file}`))).mtimeMs));
  };
  const before = await kept();
  expect(before.length).toBeGreaterThan(0);
  expect((await finetune("again", ...all, "--balance", "1")).code).toBe(0);
  expect(await kept()).toEqual(before);
});

test("takes the settings of training, from a file too", async () => {
  const file = path("settings.yml");
  await writeFile(
    file,
    `dataset: [${JSON.stringify(path("voice"))}]
base: ${JSON.stringify(path("model"))}
label-smoothing: 0.1
conditioning-clips: 2
conditioning-dropout: 0.5
average-decay: 0.5
programs: blocks
update: parts
clip-by: value
optimizer: adamw8bit
`,
  );
  const { code, error } = await finetune("settings", "--config", file);
  expect({ code, error }).toEqual({ code: 0, error: "" });
  const wrong = await finetune("no", "--config", file, "--conditioning-dropout", "2");
  expect(wrong.error).toContain("Give a number from 0 to 1");
});
