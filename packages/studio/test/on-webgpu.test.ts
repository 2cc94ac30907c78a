import type { DeviceName } from "@hawksbill/core";
import { type Browser, chromium, type Page, type Worker } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { chromiumArguments } from "../../../tools/browser.mjs";
import { findChromium } from "../../../tools/chromium.mjs";
import { type ServedStudio, serveStudio } from "../src/node/index.js";
import { buildPage } from "./built-page.js";
import { setNumber, voiceFiles } from "./studio-page.js";

declare module "vitest" {
  interface ProvidedContext {
    /** What is tested; see tools/test-devices.mjs. */
    device?: DeviceName;
  }
}

const executablePath = findChromium();
const timeout = 1_800_000;

// A software GPU takes ten minutes.
describe.runIf(executablePath && inject("device") === "webgpu")(
  "the studio on WebGPU (npm run test:devices webgpu packages/studio/test/on-webgpu.test.ts)",
  () => {
    let studio: ServedStudio;
    let browser: Browser;
    let page: Page;
    const complaints: string[] = [];

    beforeAll(async () => {
      await buildPage();
      studio = await serveStudio();
      browser = await chromium.launch({
        ...(executablePath ? { executablePath } : {}),
        args: [...chromiumArguments],
      });
      page = await browser.newPage();
      page.setDefaultTimeout(timeout);
      page.on("pageerror", ({ message }) => complaints.push(message));
      await page.goto(studio.url);
    }, timeout);

    afterAll(async () => {
      await browser?.close();
      await studio?.close();
    });

    test("fine-tunes, goes on after the GPU was lost, and speaks", { timeout }, async () => {
      await page.getByLabel("Choose files").setInputFiles(voiceFiles(3));
      await page.getByText(/^3 clips, 3 ready to learn from/).waitFor();
      await page.getByText("Settings", { exact: true }).click();
      await page.getByLabel("Computes on").selectOption("webgpu");
      await setNumber(page, "Steps", 7);
      await setNumber(page, "Clips a step", 1);
      await setNumber(page, "Steps between samples", 7);
      await setNumber(page, "Steps of fitting the decoder", 2);
      const worker = page.workers().find((one) => one.url().includes("model-worker")) as Worker;
      await worker.evaluate(rememberGpus);
      await page.getByRole("button", { name: "Fine-tune on 3 clips" }).click();
      await page.getByText("Step 6 of 7 on webgpu").waitFor();

      await worker.evaluate("for (const gpu of gpus) gpu.destroy()");
      await page.getByText("Failed after step 6", { exact: true }).waitFor();
      await page
        .getByText(/the device was lost .* The last state that was saved is of step 5/)
        .waitFor();
      await page.getByRole("button", { name: "Go on from step 5" }).click();
      await page.getByText("Done: 7 steps").waitFor();
      await page.getByRole("button", { name: "Play After" }).click();
      await page.getByRole("button", { name: "Stop After" }).waitFor();
      expect(await worker.evaluate("gpus.length")).toBe(2);
      expect(complaints).toEqual([]);
    });
  },
);

/** Keeps each GPU that a worker asks for in its `gpus`. */
const rememberGpus = `
  globalThis.gpus = [];
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...wanted) {
    const gpu = await requestDevice.apply(this, wanted);
    gpus.push(gpu);
    return gpu;
  };
`;
