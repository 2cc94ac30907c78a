// @ts-check
/**
 * `npm test`: every test in Node, and the device tests in Chromium where there is one, a part of them on WebGPU where its
 * SwiftShader is.
 * Further arguments go to vitest in Node. Ends with one line: "412 passed, 0 failed, 3 skipped".
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install } from "./setup.mjs";

install();
const { findChromium } = await import("./chromium.mjs");
const { findSwiftShader } = await import("./swiftshader.mjs");

const folder = mkdtempSync(join(tmpdir(), "hawksbill-test-"));
const total = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {string} name
 * @param {string[]} args
 */
function vitest(name, args) {
  console.log(`\n${name}`);
  const report = join(folder, `${name.replaceAll(/\W+/g, "-")}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const { status } = spawnSync("npx", ["vitest", "run", ...args, ...reporters], {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
      readFileSync(report, "utf8"),
    );
    total.passed += numPassedTests;
    total.skipped += numPendingTests;
    total.failed += numFailedTests;
    // A file that does not load has no tests to fail, and an error outside all tests has none either.
    if (status !== 0 && numFailedTests === 0) total.failed += Math.max(1, numFailedTestSuites);
  } catch {
    total.failed += 1; // No report: vitest did not get as far as that.
  }
}

/** A part of the device tests on both WebGPUs, by the software driver beside Chromium. */
function onWebgpu() {
  console.log("\nTests on WebGPU");
  const args = ["tools/test-devices.mjs", "webgpu", "browser-webgpu", "chosen"];
  const { stdout } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    stdio: ["ignore", "pipe", "ignore"], // The driver and ONNX Runtime write errors there that tests want.
  });
  const lines = [
    ...stdout.matchAll(/^[\w-]*webgpu: (\d+) passed, (\d+) failed(?:, (\d+) skipped)?.*$/gm),
  ];
  for (const [line, passed, failed, skipped = 0] of lines) {
    console.log(line);
    total.passed += Number(passed);
    total.failed += Number(failed);
    total.skipped += Number(skipped);
  }
  if (lines.length === 2 && lines.every(([, , failed]) => failed === "0")) return;
  console.log(stdout);
  if (lines.length < 2) total.failed += 1;
}

vitest("Tests in Node", process.argv.slice(2));
if (process.argv.length === 2) {
  if (findChromium()) {
    vitest("Tests in Chromium (wasm)", ["--config", "vitest.browser.config.ts"]);
    if (findSwiftShader()) onWebgpu();
    else {
      console.log("\nTests on WebGPU: skipped, no SwiftShader beside Chromium");
      total.skipped += 1;
    }
  } else {
    console.log(
      "\nTests in Chromium: skipped, no Chromium found (install it, or set CHROMIUM to its path)",
    );
    total.skipped += 1;
  }
}
rmSync(folder, { recursive: true });

const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
