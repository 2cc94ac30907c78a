import { type Files, memoryFiles } from "@hawksbill/dataset";
import { bytesOf, type Folder } from "./folder.js";

/** The list's name, seen from the studio's folder; it is made anew each time and never stored. */
export const listName = "clips.jsonl";

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
