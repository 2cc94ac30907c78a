/// <reference types="node" />
import { readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { modelFolder, modelUrls, voiceFolder } from "@hawksbill/base-small";
import { disposeModel } from "@hawksbill/tortoise";
import { openModel } from "@hawksbill/tortoise/node";
import { expect, test } from "vitest";

test("the model opens, and its parts belong together", async () => {
  const model = await openModel(fileURLToPath(modelFolder));
  expect(model.dvaeConfig.tokens).toBe(model.config.startMelToken);
  expect(model.tokenizer.vocabularySize + 1).toBe(model.config.textTokens);
  expect(model.settings.learningRate).toBeGreaterThan(0);
  disposeModel(model);
});

test("the model is at most 12 MB, the voice at most 3 MB", () => {
  const bytes = (folder: URL): number =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + statSync(`${entry.parentPath}/${entry.name}`).size, 0);
  expect(bytes(modelFolder)).toBeLessThan(12e6);
  expect(bytes(voiceFolder)).toBeLessThan(3e6);
});

test("the addresses for browsers are those of the files", () => {
  for (const url of Object.values(modelUrls)) expect(statSync(url).isFile()).toBe(true);
});
