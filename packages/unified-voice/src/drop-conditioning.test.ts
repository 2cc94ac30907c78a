import { evaluate, openDevice, Random } from "@hawksbill/core";
import { afterAll, expect, test } from "vitest";
import { makeBatch } from "./batch.js";
import { unifiedVoiceConfig } from "./config.js";
import { dropConditioning } from "./drop-conditioning.js";
import { initialise } from "./initialise.js";
import { embedBatch } from "./training-losses.js";

const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());
const config = unifiedVoiceConfig({
  layers: 1,
  modelDim: 64,
  maxTextTokens: 20,
  maxMelTokens: 40,
  textTokens: 12,
  melCodes: 34,
  conditioningBlocks: 1,
});
const weights = initialise(config, new Random(0));
const mel = {
  data: new Random(1).normal([80, 4]).dataSync() as Float32Array,
  bands: 80,
  frames: 4,
};
const batch = makeBatch(
  Array.from({ length: 8 }, () => ({ tokens: [1], codes: [5, 6], conditioning: [mel] })),
  config,
);

test("zeros stand in the place of the voices that are hidden, and nothing else changes", async () => {
  const dropped = dropConditioning(batch, { share: 0.5, random: new Random(2) });
  const kept = Array.from(dropped.voiceKept?.dataSync() ?? [], Number);
  expect(new Set(kept)).toEqual(new Set([0, 1]));
  const before = (await evaluate(embedBatch(weights, batch, config), device)).dataSync();
  const after = (await evaluate(embedBatch(weights, dropped, config), device)).dataSync();
  const rowSize = before.length / 8;
  kept.forEach((isKept, row) => {
    for (let i = 0; i < rowSize; i++) {
      const j = row * rowSize + i;
      expect(after[j] === (isKept || i >= config.modelDim ? before[j] : 0)).toBe(true);
    }
  });
});

test("refuses a share above 1", () => {
  expect(() => dropConditioning(batch, { share: 2, random: new Random(1) })).toThrow(
    new RangeError("dropConditioning: share is 2; give 0 to 1"),
  );
});
