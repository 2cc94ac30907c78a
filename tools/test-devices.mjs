// @ts-check
/**
 * `npm run test:devices [cpu|webgpu|wasm|browser-webgpu …] [PATH …]`: the tests that every device runs, or those of the
 * paths, on all four devices or those named, in Node and in Chromium. WebGPU runs on a software driver, SwiftShader, which
 * comes with Chromium. Ends with a line a device: "cpu: 569 passed, 0 failed, worst error 1e-6".
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startVitest } from "vitest/node";
import { useSwiftShader } from "./swiftshader.mjs";

/** @type {Record<string, { device: "cpu" | "webgpu" | "wasm", config: string }>} */
const runs = {
  cpu: { device: "cpu", config: "vitest.config.ts" },
  webgpu: { device: "webgpu", config: "vitest.config.ts" },
  wasm: { device: "wasm", config: "vitest.browser.config.ts" },
  "browser-webgpu": { device: "webgpu", config: "vitest.browser.config.ts" },
};

/** Written for whatever device they are given. */
const suites = [
  "packages/core/test",
  "packages/trainer/test/resident.test.ts",
  "packages/unified-voice/test/resident-cache.test.ts",
];

const given = process.argv.slice(2);
const paths = given.filter((one) => one.includes("/"));
const names = given.filter((one) => !one.includes("/"));
const wanted = names.length > 0 ? names : Object.keys(runs);
const unknown = wanted.find((name) => !(name in runs));
if (unknown) {
  console.error(
    `test:devices: no device "${unknown}"; give some of ${Object.keys(runs).join(" ")}`,
  );
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "hawksbill-devices-"));
if (!useSwiftShader(folder))
  console.log("No SwiftShader found beside Chromium: webgpu needs a real GPU.");
const lines = [];
for (const name of wanted) lines.push(await testOn(name));
rmSync(folder, { recursive: true });
console.log(`\n${lines.join("\n")}`);
process.exit(lines.every((line) => / 0 failed/.test(line)) ? 0 : 1);

/**
 * @param {string} name
 * @returns {Promise<string>} The closing line.
 */
async function testOn(name) {
  const { device, config } = /** @type {(typeof runs)[string]} */ (runs[name]);
  console.log(`\n${name}`);
  const vitest = await startVitest("test", paths.length > 0 ? paths : suites, {
    config,
    watch: false,
    provide: { device },
    testTimeout: 60_000, // A software GPU compiles each shader in tens of milliseconds.
  });
  const tests = vitest.state.getTestModules().flatMap((file) => [...file.children.allTests()]);
  /** @param {string} state */
  const count = (state) => tests.filter((test) => test.result().state === state).length;
  const worst = Math.max(
    0,
    ...tests.map((test) => /** @type {{ worst?: number }} */ (test.meta()).worst ?? 0),
  );
  // A file that does not load has no tests to fail, and an error outside all tests has none either.
  const errors = vitest.state.getUnhandledErrors().length + (tests.length === 0 ? 1 : 0);
  await vitest.close();
  const skipped = count("skipped") > 0 ? `, ${count("skipped")} skipped` : "";
  return `${name}: ${count("passed")} passed, ${count("failed") + errors} failed${skipped}, worst error ${worst.toExponential(0)}`;
}
