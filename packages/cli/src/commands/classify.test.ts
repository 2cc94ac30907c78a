import { writeFile } from "node:fs/promises";
import { writePth } from "@hawksbill/checkpoint/node";
import { classifierShapes } from "@hawksbill/clvp";
import { disposeTree, Random } from "@hawksbill/core";
import { expect, test } from "vitest";
import { oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";
import { hum } from "../../test/tiny-dataset.js";

const { path } = scratch();

test("says how likely it is that TorToiSe made each recording", async () => {
  const random = new Random(1);
  const shapes = classifierShapes({
    specDim: 1,
    baseChannels: 8,
    depth: 2,
    resnetBlocks: 1,
    kernelSize: 5,
    downsampleKernel: 5,
    embeddingDim: 32,
    attnBlocks: 1,
    heads: 4,
    classes: 2,
  });
  const weights = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, random.normal(shape)]),
  );
  await writePth(path("classifier.pth"), weights);
  disposeTree(weights);
  await writeFile(path("hum.wav"), hum(0.7));

  const { code, out, error } = await runCli([
    ...["classify", path("hum.wav"), "--classifier", path("classifier.pth"), "--json"],
    ...oneThread,
  ]);

  expect({ code, error }).toEqual({ code: 0, error: "" });
  const told = JSON.parse(out);
  expect(told).toMatchObject({ type: "classified", file: path("hum.wav") });
  expect(told.probability).toBeGreaterThanOrEqual(0);
  expect(told.probability).toBeLessThanOrEqual(1);
});

test("says how to get the classifier where it is missing", async () => {
  const { code, error } = await runCli([
    ...["classify", path("hum.wav"), "--classifier", path("none.pth")],
    ...oneThread,
  ]);

  expect(code).toBe(1);
  expect(error).toBe(
    `Error: ${path("none.pth")}: is missing (the classifier of sound); get it with: hawksbill download classifier\n`,
  );
});
