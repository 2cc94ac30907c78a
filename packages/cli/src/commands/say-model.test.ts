import { mkdir, rename, writeFile } from "node:fs/promises";
import { fileSets } from "@hawksbill/hub";
import { afterAll, expect, test, vi } from "vitest";
import { oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";
import { writeTinyTortoise } from "../../test/tiny-tortoise.js";

const { path } = scratch();
const home = process.cwd();
afterAll(() => {
  process.chdir(home);
  vi.unstubAllEnvs();
});

test("downloads are in the place of what a folder called tortoise lacks", async () => {
  await writeTinyTortoise(path("tortoise"));
  const blobs = path("cache/models--jbetker--tortoise-tts-v2/blobs");
  await mkdir(blobs, { recursive: true });
  const vocoder = fileSets.tortoise.files.find(({ name }) => name === "vocoder.pth");
  await rename(path("tortoise/vocoder.pth"), `${blobs}/${vocoder?.sha256}`);
  const clvp = fileSets.tortoise.files.find(({ name }) => name === "clvp2.pth");
  await writeFile(`${blobs}/${clvp?.sha256}`, "not read: the folder has one");
  vi.stubEnv("HF_HUB_CACHE", path("cache"));
  process.chdir(path("."));

  const request = ["say", "the fox", "--model", "tortoise", "--out", "fox.wav", ...oneThread];
  const few = ["--candidates", "2", "--max-codes", "8", "--steps", "2"];
  const { code, error } = await runCli([...request, ...few]);

  expect({ code, error }).toEqual({ code: 0, error: expect.not.stringContaining("Error") });
});
