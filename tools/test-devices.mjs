// @ts-check
/**
 * `npm run test:devices [cpu|webgpu|wasm|browser-webgpu …] [models|chosen] [PATH …]`: on all four devices or those named, in Node
 * and in Chromium, the tests that every device runs and whole models beside PyTorch's numbers; or only the models, the part
 * that CI runs on WebGPU, or the tests of the paths. WebGPU runs on a software driver, SwiftShader, which comes with Chromium. Ends with a line a device:
 * "cpu: 569 passed, 0 failed, worst error 1e-6; parity: 211 tensors in 7 files, worst 0.000012 (…)".
 */
import { spawnSync } from "node:child_process";
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

/** Tests that are written for whatever device they are given. */
const suites = [
  "packages/core/test",
  "packages/trainer/test/resident.test.ts",
  "packages/unified-voice/test/resident-cache.test.ts",
  "packages/unified-voice/test/decoder-weights.test.ts",
];

/** Of them, what CI runs on WebGPU: what is different there. */
const chosenSuites = [
  ...[
    "float16-products",
    "grouped-convolution",
    "lost",
    "matrices",
    "memory",
    "programs",
    "quantized-weights",
  ].map((name) => `packages/core/test/${name}.test.ts`),
  ...suites.slice(1),
];

/** What PyTorch computed; see tools/parity. */
const models = "tools/parity/fixtures";

const given = process.argv.slice(2);
const paths = given.filter((one) => one.includes("/"));
const onlyModels = given.includes("models");
const isChosen = given.includes("chosen");
const names = given.filter((one) => !one.includes("/") && one !== "models" && one !== "chosen");
const wanted = names.length > 0 ? names : Object.keys(runs);
const unknown = wanted.find((name) => !(name in runs));
if (unknown) {
  console.error(
    `test:devices: no device "${unknown}"; give some of ${Object.keys(runs).join(" ")}, models, chosen, or paths`,
  );
  process.exit(1);
}

/** Whether Node's GPU is one of the user's choice, whose memory may hold what SwiftShader's cannot. */
const hasOwnGpu = process.env.VK_ICD_FILENAMES !== undefined;
const folder = mkdtempSync(join(tmpdir(), "hawksbill-devices-"));
const hasSwiftShader = useSwiftShader(folder) && !hasOwnGpu;
if (!hasSwiftShader && !hasOwnGpu)
  console.log("No SwiftShader found beside Chromium: webgpu needs a real GPU.");
const lines = [];
for (const name of wanted) {
  console.log(`\n${name}`);
  const parts = [];
  if (!onlyModels) parts.push(await testOn(name));
  if (paths.length === 0 && !isChosen) parts.push(compareOn(name));
  lines.push(`${name}: ${parts.join("; ")}`);
}
rmSync(folder, { recursive: true });
console.log(`\n${lines.join("\n")}`);
process.exit(lines.some((line) => / [1-9]\d* failed|FAILED|ERROR/.test(line)) ? 1 : 0);

/**
 * Runs the tests.
 *
 * @param {string} name
 * @returns {Promise<string>} What became of them.
 */
async function testOn(name) {
  const { device, config } = /** @type {(typeof runs)[string]} */ (runs[name]);
  const vitest = await startVitest(
    "test",
    paths.length > 0 ? paths : isChosen ? chosenSuites : suites,
    {
      config,
      watch: false,
      provide: { device, isSmall: name !== "webgpu" || hasSwiftShader },
      testTimeout: 60_000, // A software GPU compiles each shader in tens of milliseconds.
    },
  );
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
  const error = worst > 0 ? `, worst error ${worst.toExponential(0)}` : ""; // Not all tests measure one.
  return `${count("passed")} passed, ${count("failed") + errors} failed${skipped}${error}`;
}

/**
 * Compares whole models, their losses and gradients with PyTorch's.
 *
 * @param {string} name
 * @returns {string} How they agree.
 */
function compareOn(name) {
  const tool = ["--import=tsx", "--conditions=@hawksbill/source", "tools/parity/main.ts"];
  const { status, stdout } = spawnSync(process.execPath, [...tool, models, "--device", name], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  console.log(stdout);
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  return status === 0 || /FAILED|ERROR/.test(last) ? last : "parity: ERROR, it did not end";
}
