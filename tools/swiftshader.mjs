// @ts-check
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { findChromium } from "./chromium.mjs";

/** The description of SwiftShader that lies beside Chromium. */
export function findSwiftShader() {
  const chromium = findChromium();
  // /usr/bin/google-chrome is a link to where Chrome lies; Debian's chromium is a script, and lies elsewhere.
  const folder = chromium && existsSync(chromium) && dirname(realpathSync(chromium));
  return [folder, "/usr/lib/chromium"]
    .map((place) => join(place || "", "vk_swiftshader_icd.json"))
    .find((path) => existsSync(path));
}

/**
 * Points Vulkan, which Node's WebGPU asks for a GPU, to SwiftShader, the software driver beside Chromium. A driver that
 * VK_ICD_FILENAMES names already stays: Mesa's lavapipe (25.0) has float16, which SwiftShader lacks.
 *
 * @param {string} folder For a small file, which must stay while the device is open.
 * @returns {boolean} Whether there is such a driver.
 */
export function useSwiftShader(folder) {
  if (process.env.VK_ICD_FILENAMES) return true;
  const driver = findSwiftShader();
  if (!driver) return false;
  const description = JSON.parse(readFileSync(driver, "utf8"));
  description.ICD.library_path = resolve(dirname(driver), description.ICD.library_path);
  const copy = join(folder, "swiftshader.json");
  writeFileSync(copy, JSON.stringify(description));
  process.env.VK_ICD_FILENAMES = copy;
  // Vulkan itself is beside Chromium too, for systems without it; it is found by processes started from here.
  const { LD_LIBRARY_PATH: path } = process.env;
  process.env.LD_LIBRARY_PATH = [dirname(driver), ...(path ? [path] : [])].join(delimiter);
  process.env.XDG_RUNTIME_DIR ??= folder;
  return true;
}
