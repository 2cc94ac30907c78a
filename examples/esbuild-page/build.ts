/** Builds the page into a folder: `npx tsx build.ts dist`. */
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const [folder = "dist", ...conditions] = process.argv.slice(2);
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const found = (name: string): string => fileURLToPath(import.meta.resolve(name));

await mkdir(folder, { recursive: true });
await build({
  entryPoints: [here("main.ts")],
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  target: "es2022",
  outdir: folder,
  conditions,
});
await copyFile(here("index.html"), join(folder, "index.html"));
// ONNX Runtime looks for these beside its script; the second is for WebGPU.
for (const name of ["ort-wasm-simd-threaded.wasm", "ort-wasm-simd-threaded.asyncify.wasm"])
  await copyFile(found(`onnxruntime-web/${name}`), join(folder, name));
