import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { Plugin } from "vite";

/**
 * Files of other packages, served and shipped under addresses of ours, as they are.
 *
 * @param files Paths on the disk by address, e.g. `{ "ort/a.wasm": "/…/a.wasm" }`.
 */
export function staticFiles(files: Readonly<Record<string, string>>): Plugin {
  return {
    name: "static-files",
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const path = files[(request.url ?? "").slice(1).replace(/\?.*/, "")];
        if (path === undefined) return next();
        if (/\.m?js$/.test(path)) response.setHeader("Content-Type", "text/javascript");
        if (path.endsWith(".wasm")) response.setHeader("Content-Type", "application/wasm");
        pipeline(createReadStream(path), response).catch(next);
      });
    },
    async generateBundle() {
      for (const [fileName, path] of Object.entries(files))
        this.emitFile({ type: "asset", fileName, source: await readFile(path) });
    },
  };
}
