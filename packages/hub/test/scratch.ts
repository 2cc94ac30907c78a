import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { afterEach, beforeEach } from "vitest";

/** A new folder for each test. */
export function scratch(): {
  /** A path in the folder. */
  path(name: string): string;
  /** All files and links below the folder, by their paths in it. */
  files(): Promise<string[]>;
} {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "hawksbill-hub-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  return {
    path: (name) => join(folder, name),
    async files() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => !entry.isDirectory())
        .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
        .map((path) => path.replaceAll(sep, "/"))
        .sort();
    },
  };
}
