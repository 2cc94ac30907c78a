import { mkdir, writeFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import { scratch } from "../../test/scratch.js";
import { hum } from "../../test/tiny-dataset.js";
import { datasetVoice } from "./dataset-voice.js";
import type { RunConfig, RunSettings } from "./run-config.js";

const { path } = scratch();

/** Recordings by the length that tells them apart. */
const seconds = { "anna-1": 0.7, "bob-1": 0.8, "anna-2": 0.9, "anna-3": 1, "anna-4": 1.1 };

/** A dataset whose list is `clean.jsonl`. */
beforeAll(async () => {
  await mkdir(path("people/clips"), { recursive: true });
  const rows = Object.keys(seconds).map((id) => {
    return { id, audio: `clips/${id}.wav`, text: "Hello.", speaker: id.split("-")[0] };
  });
  const lines = rows.map((row) => JSON.stringify(row)).join("\n");
  await writeFile(path("people/clean.jsonl"), lines);
  for (const [id, length] of Object.entries(seconds))
    await writeFile(path(`people/clips/${id}.wav`), hum(length));
});

/** A run that was trained on these clips. */
function run(ids: readonly string[], settings: Partial<RunSettings> = {}): RunConfig {
  return {
    format: 1,
    command: "finetune",
    settings: {
      ...{ dataset: path("people/clean.jsonl"), base: "embedded", steps: 1, batchSize: 1 },
      ...{ heldOut: ["anna-2"], seed: 0, recipe: "hawksbill", device: "cpu", ...settings },
    },
    baseFiles: {},
    clips: ids.map((id) => [id, ""]),
  };
}

async function heard(config: RunConfig): Promise<[speaker: string | undefined, lengths: number[]]> {
  const { clips, speaker } = await datasetVoice(config.settings.dataset, config);
  const lengths = clips.map(({ samples, sampleRateHz }) => samples.length / sampleRateHz);
  return [speaker, lengths.map((length) => Number(length.toFixed(2)))];
}

test("is of one speaker, without clips that the run held out or left out", async () => {
  const ids = ["anna-1", "bob-1", "anna-2", "anna-3"];

  expect(await heard(run(ids))).toEqual(["anna", [0.7, 1]]);
});

test("is of the first of several datasets", async () => {
  const several = { moreDatasets: [path("voice")], heldOut: ["voice/a"] };
  const ids = ["clean.jsonl/bob-1", "clean.jsonl/anna-3", "voice/a"];

  expect(await heard(run(ids, several))).toEqual(["bob", [0.8]]);
});

test("leaves out those of a list that is held out", async () => {
  await writeFile(path("voice/train.txt"), "b|There!\n");
  await writeFile(path("voice/val.txt"), "a|Hello.\n");
  const lists = { lists: ["train.txt", "val.txt"], heldOutLists: ["val.txt"] };
  const config = run(["b", "a"], { dataset: path("voice"), ...lists });

  const [, lengths] = await heard(config);

  expect(lengths).toEqual([0.67]);
});

test("without a run, it is of all clips", async () => {
  const { clips, speaker } = await datasetVoice("embedded");

  expect([clips.length, speaker]).toEqual([32, undefined]);
  const [first] = clips;
  expect(first?.samples.length).toBeGreaterThan(0);
});

test("says what to do where the dataset is gone, or another one", async () => {
  const gone = run(["a"], { dataset: path("gone"), heldOut: 0 });
  await expect(heard(gone)).rejects.toThrow(
    `${path("gone")}: the dataset of the run is not there any more; say with --voice which clips to sound like`,
  );

  const other = run(["x", "y"], { heldOut: 0 });
  await expect(heard(other)).rejects.toThrow(
    `${path("people/clean.jsonl")}: has none of the clips that the run was trained on; say with --voice which clips to sound like`,
  );
});
