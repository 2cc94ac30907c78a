/** A folder's files, wherever they are: on a disk, dropped on a web page, unpacked from an archive. */
export interface Files {
  /** What people call the folder, for error messages. */
  readonly name: string;
  /**
   * A file's bytes, or undefined if there is no such file.
   *
   * @param path Parts separated by "/", from the folder on.
   */
  read(path: string): Promise<Uint8Array | undefined>;
  /** The names of the files in a folder ("" is the whole one), without its subfolders; [] if it is not there. */
  list(folder: string): Promise<string[]>;
  /** The names of the folders in a folder; [] if it is not there. Without it, recordings in subfolders that no list names are not found. */
  folders?(folder: string): Promise<string[]>;
}

/**
 * Files that are in memory.
 *
 * @param contents By path; text is stored as UTF-8.
 */
export function memoryFiles(
  contents: Readonly<Record<string, Uint8Array | string>>,
  name = "the dataset",
): Files {
  const files = new Map(Object.entries(contents));
  const below = (folder: string): string[] => {
    const start = folder === "" ? "" : `${folder}/`;
    return [...files.keys()].flatMap((path) =>
      path.startsWith(start) ? [path.slice(start.length)] : [],
    );
  };
  return {
    name,
    async read(path) {
      const content = files.get(path);
      return typeof content === "string" ? new TextEncoder().encode(content) : content;
    },
    async list(folder) {
      return below(folder).filter((rest) => !rest.includes("/"));
    },
    async folders(folder) {
      const names = below(folder).flatMap((rest) => (rest.includes("/") ? rest.split("/")[0] : []));
      return [...new Set(names as string[])];
    },
  };
}

/** Deeper than any dataset: a link that leads back up would go on for ever. */
const deepest = 12;

/** All files of a folder and its subfolders, sorted by path; hidden ones are passed over. */
export async function allPaths(files: Files, folder = "", depth = 0): Promise<string[]> {
  if (depth > deepest) return [];
  const start = folder === "" ? "" : `${folder}/`;
  const isShown = (name: string): boolean => !name.startsWith(".") && name !== "__MACOSX";
  const paths = (await files.list(folder)).filter(isShown).map((name) => start + name);
  const folders = ((await files.folders?.(folder)) ?? []).filter(isShown);
  for (const name of folders) paths.push(...(await allPaths(files, start + name, depth + 1)));
  return paths.sort();
}
