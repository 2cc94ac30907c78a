import { defineConfig } from "vite";

// Threads want a cross-origin isolated page.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  // In development: bundled beforehand, they would not find the files beside them.
  optimizeDeps: { exclude: ["onnxruntime-web", "@hawksbill/base-small"] },
  build: { target: "es2022" }, // Top-level await.
  server: { headers },
  preview: { headers },
});
