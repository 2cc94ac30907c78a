import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { voiceFolder } from "@hawksbill/base-small";
import type { AxeResults } from "axe-core";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds wrong with a page for people who cannot see it, or not well: nothing. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n")}`,
  );
  expect(found).toEqual([]);
}

/** A field of the settings takes a number. */
export async function setNumber(page: Page, name: string, value: number): Promise<void> {
  const field = page.getByRole("spinbutton", { name, exact: true });
  await field.fill(`${value}`);
  await field.blur();
}

/** The part of the page under a heading. */
export function section(page: Page, title: string): Locator {
  return page.getByRole("region", { name: title });
}

/** The list of the embedded voice and its first clips. */
export function voiceFiles(clips: number): string[] {
  const recordings = readdirSync(new URL("wavs/", voiceFolder)).sort().slice(0, clips);
  const names = ["metadata.csv", ...recordings.map((name) => `wavs/${name}`)];
  return names.map((name) => fileURLToPath(new URL(name, voiceFolder)));
}
