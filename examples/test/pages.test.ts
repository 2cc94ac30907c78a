import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { voiceFolder } from "@hawksbill/base-small";
import { transform } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { build, defaultClientConditions, type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import webpack from "webpack";
import { serverOptions } from "../../tools/browser.mjs";
import { findChromium } from "../../tools/chromium.mjs";

const executablePath = findChromium();
const clip = fileURLToPath(new URL("wavs/slt-001.opus", voiceFolder));
const timeout = 120_000; // On a busy core.
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hawksbill-examples-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Builds a page as its own configuration says, from the packages' sources. @returns Where it is. */
async function buildPage(name: string): Promise<string> {
  const outDir = join(folder, name);
  await build({
    root: fileURLToPath(new URL(`../${name}`, import.meta.url)),
    resolve: { conditions: ["@hawksbill/source", ...defaultClientConditions] },
    build: { outDir },
    logLevel: "error",
  });
  return outDir;
}

async function buildWithEsbuild(name: string): Promise<string> {
  const outDir = join(folder, name);
  const script = fileURLToPath(new URL(`../${name}/build.ts`, import.meta.url));
  await promisify(execFile)(process.execPath, [
    "--import=tsx",
    script,
    outDir,
    "@hawksbill/source",
  ]);
  return outDir;
}

/** As an application does that installed the packages: no configuration but where from and where to. */
async function buildWithWebpack(name: string): Promise<string> {
  const outDir = join(folder, name);
  const context = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const fromSources: webpack.Configuration = {
    resolve: {
      conditionNames: ["@hawksbill/source", "..."],
      extensionAlias: { ".js": [".ts", ".js"] },
    },
    module: {
      rules: [
        { test: /\.ts$/, loader: fileURLToPath(new URL("strip-types.mjs", import.meta.url)) },
      ],
    },
    optimization: { minimize: false }, // ONNX Runtime's files are so already; it took a minute.
  };
  const compiler = webpack({
    mode: "production",
    context,
    entry: "./main.js",
    output: { path: outDir },
    ...fromSources,
  });
  const stats = await promisify(compiler.run.bind(compiler))();
  expect(stats?.toJson({ all: false, errors: true }).errors).toEqual([]);
  await promisify(compiler.close.bind(compiler))();
  await copyFile(join(context, "index.html"), join(outDir, "index.html"));
  return outDir;
}

/** Next.js is not among the workspace's dependencies, and takes built packages only. */
const nextPage = new URL("../next-page/", import.meta.url);
const canBuildNext = ["node_modules/next", "../../packages/core/dist", "../../packages/worker/dist"]
  .map((path) => new URL(path, nextPage))
  .every((path) => existsSync(path));

async function buildWithNext(...flags: string[]): Promise<string> {
  const next = fileURLToPath(new URL("node_modules/next/dist/bin/next", nextPage));
  const cwd = fileURLToPath(nextPage);
  const env = { ...process.env, NODE_ENV: "production" as const, NEXT_TELEMETRY_DISABLED: "1" };
  await promisify(execFile)(process.execPath, [next, "build", ...flags], { cwd, env });
  return join(cwd, "out");
}

test("a page that only imports @hawksbill/audio ships no ONNX Runtime", { timeout }, async () => {
  const assets = join(await buildPage("audio-page"), "assets");
  const names = await readdir(assets);
  const scripts = await Promise.all(names.map((name) => readFile(join(assets, name), "utf8")));
  const first = scripts[names.findIndex((name) => name.startsWith("index-"))] ?? "";

  expect(names.filter((name) => !name.endsWith(".js"))).toEqual([]);
  expect(scripts.filter((script) => /onnx/i.test(script))).toEqual([]);
  expect(first).toContain("mel spectrogram of");
  expect(gzipSync(first).length).toBeLessThan(12_000);
});

describe.skipIf(!executablePath)("in Chromium (needs Chromium)", () => {
  let browser: Browser;
  let served: PreviewServer | undefined;

  beforeAll(async () => {
    browser = await chromium.launch({
      ...(executablePath ? { executablePath } : {}),
      args: ["--no-sandbox"],
    });
  }, timeout);
  afterAll(async () => {
    await served?.close();
    await browser?.close();
  });

  /** Serves a built page with what the example's configuration says, or with headers, and opens it. */
  async function open(
    name: string,
    outDir: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Page> {
    await served?.close();
    const root = fileURLToPath(new URL(`../${name}`, import.meta.url));
    served = await preview({
      root,
      build: { outDir },
      preview: { port: 0, ...(headers ? { headers } : {}) },
      logLevel: "error",
    });
    const page = await browser.newPage();
    page.setDefaultTimeout(timeout);
    page.on("pageerror", (error) => {
      throw error;
    });
    await page.goto(served.resolvedUrls?.local[0] ?? "");
    return page;
  }

  test("audio-page measures a clip", { timeout }, async () => {
    const page = await open("audio-page", join(folder, "audio-page"));
    await page.getByLabel("Clip").setInputFiles(clip);
    await page.getByText("1.76 s, a mel spectrogram of 80 bands and 152 frames").waitFor();
  });

  test("tokenise-page gives a clip's codes, with threads", { timeout }, async () => {
    const page = await open("tokenise-page", await buildPage("tokenise-page"));
    await page.locator("input:enabled").setInputFiles(clip);
    await page.getByText(/^\d+ \d+/).waitFor();
    const codes = (await page.locator("output").innerText()).split(" ").map(Number);
    expect(codes.length).toBe(38);
    expect(codes.every((code) => code >= 0 && code < 1024)).toBe(true);
    expect(await page.evaluate("crossOriginIsolated")).toBe(true);
  });

  test("speak-page speaks", { timeout }, async () => {
    const page = await open("speak-page", await buildPage("speak-page"));
    await page.getByLabel("A clip of the voice").setInputFiles(clip);
    await page.getByLabel("Text").fill("A fox.");
    await page.getByRole("button", { name: "Speak", disabled: false }).click();
    await page.locator("audio[src]").waitFor();
    await page.waitForFunction("document.querySelector('audio').duration > 0.3");
  });

  test("esbuild-page fits a line", { timeout }, async () => {
    const page = await open("esbuild-page", await buildWithEsbuild("esbuild-page"));
    await page.getByText("y = 2.000 x").waitFor();
  });

  test("webpack-page fits a line in a worker, with threads", { timeout }, async () => {
    const outDir = await buildWithWebpack("webpack-page");
    const first = await readFile(join(outDir, "main.js"), "utf8");
    const { code } = await transform(first, { minify: true });
    expect(first).not.toMatch(/onnxruntime/);
    expect(gzipSync(code).length).toBeLessThan(15_000);

    const page = await open("webpack-page", outDir, serverOptions.server.headers);
    await page.getByText("y = 2.000 x").waitFor();
    expect(await page.evaluate("crossOriginIsolated")).toBe(true);
  });

  test.skipIf(!canBuildNext).each([
    ["Turbopack", []],
    ["webpack", ["--webpack"]],
  ])(
    "next-page fits a line in a worker, with threads, built by %s (needs npm ci in examples/next-page, and npm run build)",
    { timeout: 3 * timeout },
    async (_, flags) => {
      const outDir = await buildWithNext(...flags);
      const page = await open("next-page", outDir, serverOptions.server.headers);
      await page.getByText("y = 2.000 x").waitFor();
      expect(await page.evaluate("crossOriginIsolated")).toBe(true);
    },
  );
});
