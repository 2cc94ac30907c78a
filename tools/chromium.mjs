// @ts-check
import { existsSync } from "node:fs";

const usual = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/**
 * Path of an installed Chromium or Chrome: the environment variable CHROMIUM, or a usual place.
 *
 * @returns {string | undefined}
 */
export function findChromium() {
  const { CHROMIUM } = process.env;
  return CHROMIUM ?? usual.find((path) => existsSync(path));
}
