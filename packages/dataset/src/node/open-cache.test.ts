import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cachedCodes } from "../index.js";
import { openCache } from "./index.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hawksbill-é "));
});
afterEach(() => rm(folder, { recursive: true }));

test("keeps what was computed for the next time", async () => {
  const at = join(folder, "a", "cache");
  const sound = { hash: "abc", model: "dvae" };
  await cachedCodes(await openCache(at), sound, async () => Int32Array.of(1, 2, 3));

  const again = await cachedCodes(await openCache(at), sound, async () => Int32Array.of(4));

  expect(again).toEqual(Int32Array.of(1, 2, 3));
  expect(await readdir(at)).toHaveLength(1);
});

test("says once that nothing can be kept, and goes on", async () => {
  const warnings: string[] = [];
  const at = join(folder, "cache");
  const cache = await openCache(at, { onWarning: (message) => warnings.push(message) });
  await rm(at, { recursive: true });

  for (const hash of ["a", "b"]) {
    const codes = await cachedCodes(cache, { hash, model: "" }, async () => Int32Array.of(1));
    expect(codes).toEqual(Int32Array.of(1));
  }

  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(`what was computed cannot be kept in ${at}: ENOENT`);
});

test("refuses a folder that cannot be made, and keys that are paths", async () => {
  await writeFile(join(folder, "file"), "");

  await expect(openCache(join(folder, "file", "cache"))).rejects.toThrow("cannot be made");
  await expect((await openCache(folder)).get("../a")).rejects.toThrow(
    'openCache: the key is "../a"; give letters, digits, "-"',
  );
});
