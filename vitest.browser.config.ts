import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { chromiumArguments, serverOptions } from "./tools/browser.mjs";
import { findChromium } from "./tools/chromium.mjs";

const executablePath = findChromium();

/** See packages/tortoise/test/speak.browser.ts. */
async function greedyCodesInNode(): Promise<number[]> {
  const script = "packages/tortoise/test/greedy-speech-in-node.ts";
  const args = ["--import=tsx", "--conditions=@hawksbill/source", script];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as number[];
}

/** The tests that run on every device, in Chromium on wasm; tools/test-devices.mjs runs them on webgpu. */
export default defineConfig({
  ...serverOptions,
  test: {
    include: [
      "packages/{core,checkpoint,audio}/test/**/*.test.ts",
      "packages/audio/src/{stft,resample,mel-spectrogram}.test.ts",
      "packages/trainer/src/{adamw,adamw-8bit,adamw-8bit-code}.test.ts",
      "packages/trainer/test/resident.test.ts",
      "packages/unified-voice/test/{decoder-weights,resident-cache}.test.ts",
      "packages/worker/test/*.test.ts",
      "packages/tortoise/test/*.browser.ts",
    ],
    provide: { device: "wasm" },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      instances: [{ browser: "chromium" }],
      commands: { greedyCodesInNode },
      provider: playwright({
        launchOptions: {
          ...(executablePath ? { executablePath } : {}),
          args: chromiumArguments,
        },
      }),
    },
  },
});
