import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Packages from the ground up: each may import only those before it. */
const layers = ["@hawksbill/core", "@hawksbill/audio"];

const packages = readdirSync("packages").map((folder) =>
  JSON.parse(readFileSync(`packages/${folder}/package.json`, "utf8")),
);

test("every package has its layer", () => {
  expect(packages.map((p) => p.name).sort()).toEqual([...layers].sort());
});

test.each(packages)("$name depends only on lower layers", ({ name, dependencies = {} }) => {
  const below = layers.slice(0, layers.indexOf(name));
  const used = Object.keys(dependencies).filter((d) => d.startsWith("@hawksbill/"));
  expect(below).toEqual(expect.arrayContaining(used));
});
