import type { Files } from "@hawksbill/dataset";
import type { GivenFile } from "../clips.js";
import { bytesOf } from "./folder.js";

/** Files that were dropped or chosen, as a dataset's; a folder around all of them is passed over. */
export function givenFiles(given: readonly GivenFile[]): Files {
  const start = commonFolder(given.map(({ path }) => path));
  const files = new Map(given.map(({ path, file }) => [path.slice(start.length), file]));
  const below = (folder: string): string[] => {
    const prefix = folder === "" ? "" : `${folder}/`;
    return [...files.keys()].flatMap((path) =>
      path.startsWith(prefix) ? [path.slice(prefix.length)] : [],
    );
  };
  return {
    name: start === "" ? "the files" : start.slice(0, -1),
    async read(path) {
      const file = files.get(path);
      return file && bytesOf(file);
    },
    list: async (folder) => below(folder).filter((rest) => !rest.includes("/")),
    folders: async (folder) => [
      ...new Set(
        below(folder).flatMap((rest) =>
          rest.includes("/") ? [rest.slice(0, rest.indexOf("/"))] : [],
        ),
      ),
    ],
  };
}

/** The folder, with its "/", that all paths begin with; "" if there is none. */
function commonFolder(paths: readonly string[]): string {
  const [first = ""] = paths;
  const folder = first.slice(0, first.indexOf("/") + 1);
  return folder !== "" && paths.every((path) => path.startsWith(folder)) ? folder : "";
}
