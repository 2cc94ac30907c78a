import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, vi } from "vitest";
import { writeTinyDataset } from "./tiny-dataset.js";
import { writeTinyModel } from "./tiny-model.js";

/** A folder for a test file, with a tiny model and a tiny voice in it; `path(name)` is in there. */
export function scratch(): { path(name: string): string } {
  vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }); // A run takes a second, on a busy machine many.
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "hawksbill-cli-"));
    await writeTinyModel(join(folder, "model"));
    await writeTinyDataset(join(folder, "voice"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  return { path: (name) => join(folder, name) };
}
