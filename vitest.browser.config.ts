import { playwright } from "@vitest/browser-playwright";
import { defaultClientConditions } from "vite";
import { defineConfig } from "vitest/config";
import { findChromium } from "./tools/chromium.mjs";

const executablePath = findChromium();

/** The tests that run on every device, in Chromium on wasm; tools/test-devices.mjs runs them on webgpu. */
export default defineConfig({
  resolve: { conditions: ["@hawksbill/source", ...defaultClientConditions] },
  // Bundled by Vite, ONNX Runtime does not find its .wasm files.
  optimizeDeps: { exclude: ["onnxruntime-web"], include: ["@hawksbill/core > pbf"] },
  // Threads want a cross-origin isolated page.
  server: {
    headers: {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    },
  },
  test: {
    include: ["packages/core/test/**/*.test.ts"],
    provide: { device: "wasm" },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      instances: [{ browser: "chromium" }],
      provider: playwright({
        launchOptions: {
          ...(executablePath ? { executablePath } : {}),
          args: [
            "--no-sandbox",
            // WebGPU without a GPU.
            "--enable-unsafe-webgpu",
            "--use-webgpu-adapter=swiftshader",
            "--enable-features=Vulkan,WebGPU",
            "--use-vulkan=swiftshader",
          ],
        },
      }),
    },
  },
});
