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
  return {
    name,
    async read(path) {
      const content = files.get(path);
      return typeof content === "string" ? new TextEncoder().encode(content) : content;
    },
    async list(folder) {
      const start = folder === "" ? "" : `${folder}/`;
      return [...files.keys()].flatMap((path) => {
        const rest = path.slice(start.length);
        return path.startsWith(start) && !rest.includes("/") ? [rest] : [];
      });
    },
  };
}
