import { readFile } from "node:fs/promises";
import { modelUrls } from "@hawksbill/base-small";
import { modelFiles } from "@hawksbill/tortoise";
import { expect, test } from "vitest";
import type { GivenFile } from "../clips.js";
import { keepBase, openTrained } from "./bases.js";
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
  for (const name of Object.values(modelFiles))
    expect((await folder.read(`base/${name}`))?.size).toBeGreaterThan(0);
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
  await folder.write("base/tokenizer.json", "before");

  await expect(keepBase(spoilt(await smallBase()), folder)).rejects.toThrow(message);

  expect(await (await folder.read("base/tokenizer.json"))?.text()).toBe("before");
  expect(await folder.read("base/dvae.safetensors")).toBeUndefined();
});

test("takes nothing else for the fine-tuned model where there is none", async () => {
  await expect(openTrained(memoryFolder())).rejects.toThrow(
    "model/tokenizer.json is not there; fine-tune first",
  );
});
