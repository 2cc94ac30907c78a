// @ts-check
import { defaultClientConditions } from "vite";

/** How Vite serves the packages' sources to a browser. */
export const serverOptions = {
  resolve: { conditions: ["@hawksbill/source", ...defaultClientConditions] },
  // Bundled by Vite, ONNX Runtime does not find its .wasm files.
  optimizeDeps: {
    exclude: ["onnxruntime-web"],
    // Named, or Vite finds them only while tests run, and reloads the page.
    include: [
      "@hawksbill/core > pbf",
      "@hawksbill/checkpoint > fflate",
      "@hawksbill/tortoise > yaml",
      "@hawksbill/tortoise > @hawksbill/dataset > papaparse",
      "@hawksbill/tortoise > @hawksbill/text > transliteration",
      ...["mpg123-decoder", "ogg-opus-decoder"].map((name) => `@hawksbill/audio > ${name}`),
      ...["flac", "ogg-vorbis"].map((name) => `@hawksbill/audio > @wasm-audio-decoders/${name}`),
    ],
  },
  // Threads want a cross-origin isolated page.
  server: {
    headers: {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    },
  },
};

/** What lets Chromium start anywhere and have WebGPU without a GPU. */
export const chromiumArguments = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan,WebGPU",
  "--use-vulkan=swiftshader",
];
