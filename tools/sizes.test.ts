import { readdirSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { limits, measureSize, type Size } from "./sizes.js";

/** No page loads them. */
const nodeOnly = ["@hawksbill/hub", "hawksbill"];

const packages = readdirSync("packages").map((folder): { folder: string; name: string } => ({
  folder: `packages/${folder}`,
  name: JSON.parse(readFileSync(`packages/${folder}/package.json`, "utf8")).name,
}));
const forBrowsers = packages.filter(({ name }) => !nodeOnly.includes(name));

test("every package for browsers has a limit", () => {
  expect(forBrowsers.map(({ name }) => name).sort()).toEqual(Object.keys(limits).sort());
});

describe("gzipped JavaScript of a package and all below it, without ONNX Runtime", () => {
  const table: string[] = [];
  const line = (name: string, first: string, later: string): string =>
    `${name.padEnd(26)}${first.padStart(16)}${later.padStart(18)}`;
  const amount = (size: number, limit: number): string => `${size.toFixed(1)} of ${limit} kB`;

  test.each(forBrowsers)("$name is small", async ({ folder, name }) => {
    const { first, later } = limits[name] as Size;
    const size = await measureSize(folder);
    table.push(line(name, amount(size.first, first), amount(size.later, later)));
    expect(size.first).toBeLessThanOrEqual(first);
    expect(size.later).toBeLessThanOrEqual(later);
  });

  afterAll(() => {
    console.log([line("package", "at once", "when needed"), ...table.sort()].join("\n"));
  });
});
