// @ts-check
/**
 * `npm test`: every test in Node, and the device tests in Chromium where there is one.
 * Further arguments go to vitest in Node. Ends with one line: "412 passed, 0 failed, 3 skipped".
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install } from "./setup.mjs";

install();
const { findChromium } = await import("./chromium.mjs");

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

vitest("Tests in Node", process.argv.slice(2));
if (process.argv.length === 2) {
  if (findChromium()) vitest("Tests in Chromium (wasm)", ["--config", "vitest.browser.config.ts"]);
  else {
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
