import { existsSync, rmSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { preview } from "vite";
import { chromiumArguments, serverOptions } from "../../browser.mjs";
import { findChromium } from "../../chromium.mjs";
import { cacheFolder } from "../work.js";
import type { Page } from "./page.js";

/** Who may train in the page. */
export type Contestant = "hawksbill" | "jax-js" | "tfjs";

/** Where the peers are installed. */
export const webFolder = dirname(fileURLToPath(import.meta.url));
const peersFolder = join(webFolder, "node_modules");

/** The line that begins its script, and the folder of its WebAssembly files. */
const contestants = {
  hawksbill: {
    script: `import { offer, openOurs as open } from "./page.js"; offer(open);`,
    wasm: "node_modules/onnxruntime-web/dist",
  },
  "jax-js": {
    script: `import { offer } from "./page.js"; import { open } from "./jax.mjs"; offer(open);`,
    wasm: undefined, // It writes its own in the page.
  },
  tfjs: {
    script: `import { offer } from "./page.js"; import { open } from "./tfjs.mjs"; offer(open);`,
    wasm: join(peersFolder, "@tensorflow/tfjs-backend-wasm/wasm-out"),
  },
} as const satisfies Record<Contestant, { script: string; wasm: string | undefined }>;

/** The page's `bench`, which page.ts sets. */
type Window = typeof globalThis & { readonly bench: Page };

/**
 * Opens a cross-origin isolated page in Chromium where a contestant trains what is in a file.
 *
 * @param threads Default as many as there are cores; jax-js always takes those.
 * @throws {Error} There is no Chromium, or the contestant is not installed.
 */
export async function openPage(
  who: Contestant,
  path: string,
  threads?: number,
): Promise<Page["step"]> {
  const executablePath = findChromium();
  if (executablePath === undefined)
    throw new Error("no Chromium found; install it, or set CHROMIUM to its path");
  if (who !== "hawksbill" && !existsSync(peersFolder))
    throw new Error("not installed; npm run bench -- web --install-peers does it");
  const outDir = await bundle(who, path);
  const { headers } = serverOptions.server;
  const { resolvedUrls } = await preview({
    configFile: false,
    build: { outDir },
    preview: { port: 0, headers },
    logLevel: "error",
  });
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] });
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  await page.goto(resolvedUrls?.local[0] ?? "");
  await page.waitForFunction(() => "bench" in globalThis);
  await page.evaluate((threads) => (globalThis as Window).bench.open(threads), threads);
  return () => page.evaluate(() => (globalThis as Window).bench.step());
}

/** The page's files in a folder of their own. */
async function bundle(who: Contestant, path: string): Promise<string> {
  const { script, wasm } = contestants[who];
  await mkdir(cacheFolder, { recursive: true });
  const outDir = await mkdtemp(join(cacheFolder, `page-${who}-`));
  process.on("exit", () => rmSync(outDir, { recursive: true, force: true }));
  await build({
    stdin: { contents: script, resolveDir: webFolder },
    conditions: ["@hawksbill/source"],
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    outdir: outDir,
    logLevel: "silent",
  });
  await writeFile(join(outDir, "index.html"), `<script type="module" src="stdin.js"></script>`);
  await copyFile(path, join(outDir, "problem.safetensors"));
  const beside = wasm ? await readdir(wasm) : [];
  for (const name of beside.filter((name) => /wasm.*\.(wasm|mjs)$/.test(name)))
    await copyFile(join(wasm as string, name), join(outDir, name));
  return outDir;
}
