import { readFile } from "node:fs/promises";
import { modelUrls } from "@hawksbill/base-small";
import { tensor } from "@hawksbill/core";
import { disposeModel, type Model, modelFiles } from "@hawksbill/tortoise";
import { expect, test } from "vitest";
import type { GivenFile } from "../clips.js";
import { baseHash, keepBase, openBase, openTrained } from "./bases.js";
import type { Folder } from "./folder.js";
import { memoryFolder } from "./memory-folder.js";

/** The small base, as it is chosen. */
async function smallBase(): Promise<GivenFile[]> {
  const parts = ["tokenizer", "dvae", "unifiedVoice"] as const;
  return Promise.all(
    parts.map(async (part) => ({
      path: `model/${modelFiles[part]}`,
      file: new Blob([await readFile(modelUrls[part])]),
    })),
  );
}

test("keeps the three files of a base", async () => {
  const folder = memoryFolder();
  expect(await keepBase(await smallBase(), folder)).toMatchObject({ name: "own" });
  expect(await keepBase(await smallBase(), folder)).toMatchObject({ name: "own" });

  disposeModel(await openBase("own", folder));
});

test("knows a base by all of its files", async () => {
  const folder = memoryFolder();
  await keepBase(await smallBase(), folder);
  const model = await openBase("own", folder);
  const others = [
    { ...model, tokenizer: { toJSON: () => ({}) } as unknown as Model["tokenizer"] },
    { ...model, dvae: { ...model.dvae, more: tensor([1]) } },
    { ...model, unifiedVoice: { ...model.unifiedVoice, more: tensor([1]) } },
  ];

  const hashes = await Promise.all([model, { ...model }, ...others].map(baseHash));

  expect(hashes[1]).toBe(hashes[0]);
  expect(new Set(hashes).size).toBe(4);
});

test.each([
  [
    "lacks one",
    (files: GivenFile[]) => files.slice(0, 2),
    /^unified-voice.safetensors is not among/,
  ],
  [
    "is damaged",
    ([first, ...others]: GivenFile[]) => [
      { ...first, file: new Blob(["{"]) } as GivenFile,
      ...others,
    ],
    /^tokenizer.json.* is not JSON/,
  ],
])("keeps the base before when the new one %s", async (_, spoilt, message) => {
  const folder = memoryFolder();
  await keepBase(await smallBase(), folder);

  await expect(keepBase(spoilt(await smallBase()), folder)).rejects.toThrow(message);

  disposeModel(await openBase("own", folder));
});

test("keeps the base before when the disk is full", async () => {
  const folder = memoryFolder();
  await keepBase(await smallBase(), folder);
  let writes = 0;
  const full: Folder = {
    ...folder,
    async write(path, content) {
      if (++writes === 2) throw new Error("The disk is full.");
      await folder.write(path, content);
    },
  };

  await expect(keepBase(await smallBase(), full)).rejects.toThrow("The disk is full.");

  disposeModel(await openBase("own", folder));
});

test("takes nothing else for the fine-tuned model where there is none", async () => {
  await expect(openTrained(memoryFolder())).rejects.toThrow(
    "model/tokenizer.json is not there; fine-tune first",
  );
});
