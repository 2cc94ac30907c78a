import { type Files, memoryFiles } from "@hawksbill/dataset";
import type { RunClip } from "../run/run.js";
import { bytesOf, type Folder } from "./folder.js";

/** The list's name, seen from the studio's folder; it is made anew each time and never stored. */
export const listName = "clips.jsonl";

/** @throws Recordings of the clips are gone. */
export async function requireRecordings(clips: readonly RunClip[], folder: Folder): Promise<void> {
  const files = await Promise.all(clips.map(({ file }) => folder.read(file)));
  const gone = files.filter((file) => !file).length;
  if (gone > 0)
    throw new Error(
      `${gone} of the ${clips.length} clips that it learns from were removed; start over with those that are there.`,
    );
}

/** Clips of the studio's folder as a dataset; line 1 is the first clip. */
export function clipFiles(
  clips: readonly { readonly file: string; readonly text: string }[],
  folder: Folder,
): Files {
  const lines = clips.map(({ file, text }) => JSON.stringify({ audio: file, text }));
  const list = memoryFiles({ [listName]: lines.join("\n") }, "the clips");
  const names = clips.map(({ file }) => file.slice(file.lastIndexOf("/") + 1));
  return {
    name: list.name,
    async read(path) {
      if (path === listName) return list.read(path);
      const file = await folder.read(path);
      return file && bytesOf(file);
    },
    list: async (path) => (path === "" ? [listName] : path === "clips" ? names : []),
  };
}
