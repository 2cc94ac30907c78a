import { execFileSync } from "node:child_process";
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeFileAtomic } from "./index.js";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hawksbill-"));
  path = join(folder, "file");
});
afterEach(() => rm(folder, { recursive: true }));

test("replaces a file", async () => {
  await writeFile(path, "old and longer");

  await writeFileAtomic(path, new TextEncoder().encode("new"));

  expect(await readFile(path, "utf8")).toBe("new");
  expect(await readdir(folder)).toEqual(["file"]);
});

test("shows the old file until all parts of the new one are there", async () => {
  await writeFile(path, "old");
  const seen: string[] = [];
  async function* parts() {
    for (const part of ["n", "e", "w"]) {
      yield new TextEncoder().encode(part);
      seen.push(await readFile(path, "utf8"));
    }
  }

  await writeFileAtomic(path, parts());

  expect(seen).toEqual(["old", "old", "old"]);
  expect(await readFile(path, "utf8")).toBe("new");
});

// Windows refuses to replace a file that is being replaced: one of the writers then throws.
test.skipIf(process.platform === "win32")(
  "two writers at once leave one of their files, whole",
  async () => {
    const contents = ["a", "b"].map((letter) => letter.repeat(100_000));

    await Promise.all(
      contents.map((text) => writeFileAtomic(path, new TextEncoder().encode(text))),
    );

    expect(contents).toContain(await readFile(path, "utf8"));
    expect(await readdir(folder)).toEqual(["file"]);
  },
);

// Windows lets only administrators make links.
test.skipIf(process.platform === "win32")("a link stays, and leads to the new file", async () => {
  await writeFile(path, "old");
  const link = join(folder, "link");
  await symlink("file", link);

  await writeFileAtomic(link, new TextEncoder().encode("new"));

  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect(await readFile(path, "utf8")).toBe("new");
});

// As a device, which only root can make.
// Windows has no mkfifo.
test.skipIf(process.platform === "win32")("a pipe stays, and carries the content", async () => {
  execFileSync("mkfifo", [path]);
  const carried = readFile(path, "utf8");

  await writeFileAtomic(path, new TextEncoder().encode("new"));

  expect(await carried).toBe("new");
  expect((await lstat(path)).isFIFO()).toBe(true);
  expect(await readdir(folder)).toEqual(["file"]);
});

test("a full disk leaves the old file and no part of the new one, and says so", async () => {
  await writeFile(path, "old");
  // What Node throws from a write to a full disk, in the middle of the file.
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
    code: "ENOSPC",
    syscall: "write",
  });
  async function* parts() {
    yield new TextEncoder().encode("ne");
    throw full;
  }

  await expect(writeFileAtomic(path, parts())).rejects.toMatchObject({
    name: "CheckpointError",
    message: `${path}: cannot be written: the disk is full; free some space or choose another place (the old file, if any, is intact)`,
    cause: full,
  });

  expect(await readFile(path, "utf8")).toBe("old");
  expect(await readdir(folder)).toEqual(["file"]);
});
