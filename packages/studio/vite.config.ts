import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { serverOptions } from "../../tools/browser.mjs";
import { embeddedClips } from "./src/embedded-clips.js";
import { developmentPolicy, pagePolicy, studioHeaders } from "./src/headers.js";
import { policyInPage } from "./vite/policy-in-page.js";
import { precache } from "./vite/precache.js";
import { staticFiles } from "./vite/static-files.js";

const voice = fileURLToPath(
  new URL("voice/", import.meta.resolve("@hawksbill/base-small/package.json")),
);
const runtime = dirname(
  fileURLToPath(import.meta.resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm")),
);

/** ONNX Runtime's own files: the first two for WebAssembly, the others for WebGPU. */
const runtimeFiles = [
  "ort-wasm-simd-threaded.mjs",
  "ort-wasm-simd-threaded.wasm",
  "ort-wasm-simd-threaded.asyncify.mjs",
  "ort-wasm-simd-threaded.asyncify.wasm",
];

const recordings = readdirSync(join(voice, "wavs")).sort().slice(0, embeddedClips);

/** The page, its workers and its service worker; also what development serves. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./", // Any folder of a site will do.
  resolve: {
    // The second: ONNX Runtime's JavaScript without its loader inside, which is in runtimeFiles.
    conditions: [...serverOptions.resolve.conditions, "onnxruntime-web-use-extern-wasm"],
  },
  optimizeDeps: serverOptions.optimizeDeps,
  server: { headers: { ...studioHeaders, "Content-Security-Policy": developmentPolicy } },
  plugins: [
    staticFiles({
      ...Object.fromEntries(runtimeFiles.map((name) => [`ort/${name}`, join(runtime, name)])),
      "voice/metadata.csv": join(voice, "metadata.csv"),
      ...Object.fromEntries(
        recordings.map((name) => [`voice/wavs/${name}`, join(voice, "wavs", name)]),
      ),
    }),
    policyInPage(pagePolicy),
    precache((name) => !name.endsWith(".map") && !name.includes("asyncify")),
  ],
  worker: { format: "es" },
  build: {
    outDir: "dist/page",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // The policy allows no data: addresses.
    sourcemap: false,
    rollupOptions: {
      input: { page: "index.html", "service-worker": "src/service-worker.ts" },
      output: {
        entryFileNames: ({ name }) =>
          name === "service-worker" ? "service-worker.js" : "assets/[name]-[hash].js",
      },
    },
  },
});
