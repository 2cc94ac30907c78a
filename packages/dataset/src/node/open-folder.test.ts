import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeWav } from "@hawksbill/audio";
import { trainTokenizer } from "@hawksbill/text";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DatasetError, prepareDataset, readClips } from "../index.js";
import { openFolder, openPlace } from "./index.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hawksbill-é "));
  await mkdir(join(folder, "wavs", "sub"), { recursive: true });
  await writeFile(join(folder, "metadata.csv"), "a b|the fox");
  await writeFile(join(folder, "wavs", "a b.wav"), "sound");
});
afterEach(() => rm(folder, { recursive: true }));

test("reads and lists files", async () => {
  const files = await openFolder(folder);

  expect(files.name).toBe(folder);
  expect(await files.list("")).toEqual(["metadata.csv"]);
  expect(await files.list("wavs")).toEqual(["a b.wav"]);
  expect(new TextDecoder().decode(await files.read("wavs/a b.wav"))).toBe("sound");
});

test("has nothing where there is nothing", async () => {
  const files = await openFolder(folder);

  expect(await files.read("wavs/z.wav")).toBeUndefined();
  expect(await files.read("metadata.csv/a.wav")).toBeUndefined();
  expect(await files.list("nowhere")).toEqual([]);
});

test("does not lead out of the folder", async () => {
  const files = await openFolder(join(folder, "wavs"));

  await expect(files.read("../metadata.csv")).rejects.toThrow(
    new DatasetError(
      `openFolder: ../metadata.csv is outside ${join(folder, "wavs")}; give a path inside it`,
    ),
  );
  await expect(files.list("sub/../..")).rejects.toThrow(DatasetError);
});

test("follows links, as datasets on large disks have them", async () => {
  await symlink(join(folder, "wavs"), join(folder, "linked"), "junction");

  const files = await openFolder(join(folder, "linked"));

  expect(await files.list("")).toEqual(["a b.wav"]);
});

test("refuses what is no folder", async () => {
  const missing = join(folder, "missing");
  await expect(openFolder(missing)).rejects.toThrow(
    new DatasetError(`openFolder: there is no folder ${missing}; check the path`),
  );
  const file = join(folder, "metadata.csv");
  await expect(openFolder(file)).rejects.toThrow(
    new DatasetError(`openFolder: ${file} is a file; give the folder that holds metadata.csv`),
  );
});

test("a dataset on disk is prepared", async () => {
  const samples = Float32Array.from({ length: 16000 }, (_, i) => Math.sin(i / 10));
  await writeFile(join(folder, "wavs", "a b.wav"), encodeWav({ samples, sampleRateHz: 16000 }));

  const tokenizer = trainTokenizer(["the fox"], { vocabularySize: 12 });
  const { clips, leftOut } = await prepareDataset(await openFolder(folder), { tokenizer });

  expect(clips.map(({ id, seconds }) => [id, seconds])).toEqual([["a b", 1]]);
  expect(leftOut).toEqual([]);
});

test("a dataset is opened by its folder or by a list in it", async () => {
  await writeFile(join(folder, "clean.jsonl"), "");

  expect((await openPlace(folder)).list).toBeUndefined();
  const { files, list } = await openPlace(join(folder, "clean.jsonl"));
  expect([files.name, list]).toEqual([folder, "clean.jsonl"]);
  await expect(openPlace(join(folder, "none"))).rejects.toThrow("there is no folder");
});

test("lists folders, linked ones too", async () => {
  await symlink(join(folder, "wavs"), join(folder, "linked"), "junction");

  const files = await openFolder(folder);

  expect((await files.folders?.(""))?.sort()).toEqual(["linked", "wavs"]);
  expect(await files.folders?.("nowhere")).toEqual([]);
});

test("clips in a folder that links to itself are found, and the search ends", async () => {
  await rm(join(folder, "metadata.csv"));
  await writeFile(join(folder, "wavs", "a b.txt"), "the fox");
  await symlink(join(folder, "wavs"), join(folder, "wavs", "sub", "up"), "junction");

  const { clips } = await readClips(await openFolder(folder));

  expect(clips[0]).toMatchObject({ path: "wavs/a b.wav", text: "the fox" });
});
