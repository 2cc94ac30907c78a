import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Packages from the ground up: each may import only those before it. */
const layers = [
  "@hawksbill/core",
  "@hawksbill/worker",
  "@hawksbill/checkpoint",
  "@hawksbill/hub",
  "@hawksbill/audio",
  "@hawksbill/text",
  "@hawksbill/documents",
  "@hawksbill/base-small",
  "@hawksbill/dvae",
  "@hawksbill/unified-voice",
  "@hawksbill/diffusion",
  "@hawksbill/clvp",
  "@hawksbill/vocoder",
  "@hawksbill/trainer",
  "@hawksbill/dataset",
  "@hawksbill/tortoise",
  "@hawksbill/server",
  "@hawksbill/studio",
  "hawksbill",
];

interface Package {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const packages: readonly Package[] = readdirSync("packages").map((folder) =>
  JSON.parse(readFileSync(`packages/${folder}/package.json`, "utf8")),
);

test("every package has its layer", () => {
  expect(packages.map(({ name }) => name).sort()).toEqual([...layers].sort());
});

test.each(packages)("$name depends only on lower layers", ({ name, dependencies = {} }) => {
  const below = layers.slice(0, layers.indexOf(name));
  const used = Object.keys(dependencies).filter((dependency) => layers.includes(dependency));
  expect(below).toEqual(expect.arrayContaining(used));
});
