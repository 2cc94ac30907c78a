import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { embedded } from "../place.js";
import { type RunConfig, writeRunConfig } from "./run-config.js";
import { claimFolder, removeUnfinished } from "./run-folder.js";

const id = "01234567-89ab-cdef-0123-456789abcdef";
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hawksbill-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Makes the folder look like that of a run that has come to a checkpoint. */
async function leaveRun(command: RunConfig["command"]): Promise<void> {
  const settings = {
    dataset: embedded,
    base: embedded,
    steps: 1,
    batchSize: 1,
    heldOut: 1,
    seed: 0,
    recipe: "hawksbill",
    device: "cpu",
  } as const;
  await writeRunConfig(folder, { format: 1, command, settings, baseFiles: {}, clips: [] });
  await writeFile(join(folder, "checkpoint.safetensors"), "state");
  await mkdir(join(folder, "model"));
  await writeFile(join(folder, "notes.txt"), "mine");
}

const isDemo = ({ command }: RunConfig): boolean => command === "demo";

test("an earlier demo makes way for another one; other files stay", async () => {
  await leaveRun("demo");

  await claimFolder(folder, isDemo);

  expect(await readdir(folder)).toEqual(["notes.txt"]);
});

test("a run does not make way for a demo", async () => {
  await leaveRun("finetune");

  await expect(claimFolder(folder, isDemo)).rejects.toThrow("there is a run already");
  expect(await readdir(folder)).toHaveLength(4);
});

test("a run does not make way where only its model is left", async () => {
  await leaveRun("finetune");
  await rm(join(folder, "checkpoint.safetensors"));

  await expect(claimFolder(folder)).rejects.toThrow(
    `${folder}: there is a run already; model would be lost; choose another folder`,
  );
  expect(await readdir(folder)).toContain("model");
});

test("a run that never came to a checkpoint makes way", async () => {
  await leaveRun("finetune");
  for (const name of ["checkpoint.safetensors", "model"])
    await rm(join(folder, name), { recursive: true });

  await claimFolder(folder);

  expect(await readdir(folder)).toEqual(["notes.txt"]);
});

test("makes folders inside folders", async () => {
  await claimFolder(join(folder, "a", "b"));

  expect(await readdir(join(folder, "a"))).toEqual(["b"]);
});

test("removes unfinished files of its own only", async () => {
  await writeFile(join(folder, `checkpoint.safetensors.${id}.partial`), "");
  await writeFile(join(folder, `novel.txt.${id}.partial`), "");

  await removeUnfinished(folder);

  expect(await readdir(folder)).toEqual([`novel.txt.${id}.partial`]);
});
