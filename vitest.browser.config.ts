import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { chromiumArguments, serverOptions } from "./tools/browser.mjs";
import { findChromium } from "./tools/chromium.mjs";

const executablePath = findChromium();

/** The tests that run on every device, in Chromium on wasm; tools/test-devices.mjs runs them on webgpu. */
export default defineConfig({
  ...serverOptions,
  test: {
    include: [
      "packages/{core,checkpoint,audio}/test/**/*.test.ts",
      "packages/trainer/test/resident.test.ts",
    ],
    provide: { device: "wasm" },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      instances: [{ browser: "chromium" }],
      provider: playwright({
        launchOptions: {
          ...(executablePath ? { executablePath } : {}),
          args: chromiumArguments,
        },
      }),
    },
  },
});
