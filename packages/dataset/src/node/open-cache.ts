/// <reference types="node" />
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cache } from "../cache.js";
import { DatasetError } from "../dataset-error.js";

/**
 * A cache in a folder, a file for each key. Several programs may use it at once; it may be deleted at
 * any time, and files in it that are damaged are computed again.
 *
 * @param options.onWarning Told once if nothing can be kept, because the disk is full for instance:
 *   what is computed is then computed again the next time.
 * @throws {DatasetError} The folder cannot be made.
 */
export async function openCache(
  folder: string,
  { onWarning }: { readonly onWarning?: (message: string) => void } = {},
): Promise<Cache> {
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new DatasetError(`openCache: ${folder} cannot be made: ${messageOf(cause)}`, { cause });
  });
  let isWarned = false;
  return {
    async get(key) {
      const bytes = await readFile(join(folder, fileName(key))).catch(() => undefined);
      return bytes && new Uint8Array(bytes);
    },
    async set(key, bytes) {
      const path = join(folder, fileName(key));
      const partial = `${path}.${randomUUID()}.partial`;
      try {
        await writeFile(partial, bytes);
        await rename(partial, path);
      } catch (error) {
        await rm(partial, { force: true }).catch(() => {}); // Its own problem is the same one again.
        if (!isWarned)
          onWarning?.(`what was computed cannot be kept in ${folder}: ${messageOf(error)}`);
        isWarned = true;
      }
    },
  };
}

function fileName(key: string): string {
  if (/^[\w-]+$/.test(key)) return `${key}.bin`;
  throw new DatasetError(`openCache: the key is ${JSON.stringify(key)}; give letters, digits, "-"`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
