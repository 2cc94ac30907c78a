import type { Folder } from "./folder.js";

/** A folder for tests, which hold it in memory. */
export function memoryFolder(): Folder {
  const files = new Map<string, File>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    read: async (path) => files.get(path),
    async write(path, content) {
      files.set(path, new File([content as BlobPart], path));
    },
    async remove(path) {
      for (const name of [...files.keys()])
        if (name === path || name.startsWith(`${path}/`)) files.delete(name);
    },
    alone(_, work) {
      const done = last.then(work);
      last = done.catch(() => undefined);
      return done;
    },
  };
}
