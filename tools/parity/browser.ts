import type { DeviceName } from "@hawksbill/core";
import { chromium } from "playwright-core";
import { createServer } from "vite";
import { chromiumArguments, serverOptions } from "../browser.mjs";
import { findChromium } from "../chromium.mjs";
import type { Page } from "./page.js";
import type { Target } from "./target.js";

/** The page's `parity`, which page.ts sets. */
type Window = typeof globalThis & { readonly parity: Page };

/**
 * A page in Chromium that checks files.
 *
 * @throws {Error} There is no Chromium, or it has no such device.
 */
export async function openBrowser(name: DeviceName): Promise<Target> {
  const executablePath = findChromium();
  if (executablePath === undefined)
    throw new Error("no Chromium found for this device; install it, or set CHROMIUM to its path");
  const server = await createServer({
    ...serverOptions,
    configFile: false,
    logLevel: "error",
    cacheDir: "node_modules/.vite/parity",
  });
  await server.listen();
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] });
  const close = async (): Promise<void> => {
    await browser.close();
    await server.close();
  };
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    await page.goto(`${server.resolvedUrls?.local[0]}tools/parity/page.html`);
    await page.waitForFunction(() => "parity" in globalThis);
    await page.evaluate((device) => (globalThis as Window).parity.open(device), name);
    return {
      close,
      check: ({ bytes, ...file }) =>
        page.evaluate(([f, base64]) => (globalThis as Window).parity.check(f, base64), [
          file,
          Buffer.from(bytes).toString("base64"),
        ] as const),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
