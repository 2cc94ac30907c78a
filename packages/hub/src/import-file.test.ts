import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { sha256 } from "../test/hub-server.js";
import { scratch } from "../test/scratch.js";
import { download, fileAt, importFile } from "./index.js";

const { path, files } = scratch();
const content = "the weights of a model";
const id = sha256(content);
const place = { repo: "owner/name", path: "file.pth" };
const file = { ...fileAt(place), sha256: id };

test("a copy from elsewhere goes into the cache, and is found there", async () => {
  await writeFile(path("copy"), content);

  const imported = await importFile(path("copy"), file, { cache: path("cache") });

  const folder = "cache/models--owner--name";
  expect(imported.path).toBe(path(`${folder}/snapshots/${id}/file.pth`));
  expect(await readFile(imported.path, "utf8")).toBe(content);
  expect(await files()).toEqual([
    `${folder}/blobs/${id}`,
    `${folder}/snapshots/${id}/file.pth`,
    "copy",
  ]);
  expect(await download(file, { cache: path("cache"), offline: true })).toEqual(imported);
});

test("another file is refused, and leaves nothing", async () => {
  await writeFile(path("copy"), "another file");

  await expect(importFile(path("copy"), file, { cache: path("cache") })).rejects.toThrow(
    `file.pth: ${path("copy")} is another file: its sha256 is ${sha256("another file")}, not ${id}`,
  );
  expect(await files()).toEqual(["copy"]);
});

test("a path with nothing there is told of", async () => {
  await expect(importFile(path("copy"), file, { cache: path("cache") })).rejects.toThrow(
    `file.pth: ${path("copy")}: there is no such file or folder; check the path`,
  );
});

test("a file of unknown sha256 cannot be checked", async () => {
  await expect(importFile("copy.pth", fileAt(place), { cache: path("cache") })).rejects.toThrow(
    "file.pth: has no known sha256; use copy.pth as it is",
  );
});
