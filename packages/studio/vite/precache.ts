import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/** What the service worker is built with, in place of this name: see `src/service-worker.ts`. */
const placeholder = "__PRECACHE__";

/**
 * Tells the service worker which files to keep, and its version: a hash of them all.
 *
 * @param isKept Of those built, which to keep from the start.
 */
export function precache(isKept: (fileName: string) => boolean): Plugin {
  let publicFolder = "";
  return {
    name: "precache",
    configResolved({ publicDir }) {
      publicFolder = publicDir;
    },
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const worker = bundle["service-worker.js"];
        if (worker?.type !== "chunk") throw new Error("precache: there is no service-worker.js");
        const hash = createHash("sha256");
        const files: string[] = [];
        for (const [name, file] of Object.entries(bundle).sort(([a], [b]) => (a < b ? -1 : 1))) {
          if (file === worker || !isKept(name)) continue;
          hash.update(name).update(file.type === "chunk" ? file.code : file.source);
          files.push(name);
        }
        for (const name of readdirSync(publicFolder)) {
          hash.update(name).update(readFileSync(join(publicFolder, name)));
          files.push(name);
        }
        const version = hash.digest("hex").slice(0, 12);
        worker.code = worker.code.replace(placeholder, JSON.stringify({ version, files }));
      },
    },
  };
}
