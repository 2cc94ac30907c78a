import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Kilobytes (1000 bytes) of gzipped JavaScript that a page loads of a package and of all below it. */
export interface Size {
  /** With the package. */
  readonly first: number;
  /** When it is needed, such as the decoder of a file format. */
  readonly later: number;
}

/** The most that each package for browsers may be. */
export const limits: Readonly<Record<string, Size>> = {
  "@hawksbill/core": { first: 60, later: 0 },
  "@hawksbill/worker": { first: 7, later: 0 },
  "@hawksbill/checkpoint": { first: 35, later: 0 },
  "@hawksbill/audio": { first: 12, later: 250 },
  "@hawksbill/text": { first: 70, later: 0 },
  "@hawksbill/documents": { first: 85, later: 0 },
  "@hawksbill/base-small": { first: 1, later: 0 },
  "@hawksbill/dvae": { first: 25, later: 0 },
  "@hawksbill/unified-voice": { first: 40, later: 0 },
  "@hawksbill/diffusion": { first: 30, later: 0 },
  "@hawksbill/clvp": { first: 27, later: 0 },
  "@hawksbill/vocoder": { first: 32, later: 250 },
  "@hawksbill/trainer": { first: 37, later: 0 },
  "@hawksbill/dataset": { first: 40, later: 250 },
  "@hawksbill/tortoise": { first: 220, later: 250 },
  "@hawksbill/server": { first: 15, later: 650 },
  "@hawksbill/studio": { first: 1, later: 0 },
};

/** Bundles a package's sources as an application's build would, without ONNX Runtime's own files. */
export async function measureSize(folder: string): Promise<Size> {
  const { exports } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const { outputFiles, metafile } = await build({
    entryPoints: [resolve(folder, exports["."]["@hawksbill/source"])],
    conditions: ["@hawksbill/source"],
    external: ["onnxruntime-*", "node:*"],
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    metafile: true,
    write: false,
    outdir: "out",
    logLevel: "silent",
  });
  const first = new Set<string>();
  const load = (path: string): void => {
    if (first.has(path)) return;
    first.add(path);
    for (const { path: next, kind, external } of metafile.outputs[path]?.imports ?? [])
      if (kind === "import-statement" && !external) load(next);
  };
  load("out/index.js");
  const size = { first: 0, later: 0 };
  for (const { path, contents } of outputFiles) {
    const isFirst = [...first].some((name) => resolve(name) === path);
    size[isFirst ? "first" : "later"] += gzipSync(contents).length / 1000;
  }
  return size;
}
