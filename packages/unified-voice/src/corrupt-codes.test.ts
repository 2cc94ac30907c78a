import { disposeTree, Random } from "@hawksbill/core";
import { expect, test } from "vitest";
import { makeBatch } from "./batch.js";
import { unifiedVoiceConfig } from "./config.js";
import { corruptCodes } from "./corrupt-codes.js";

const config = unifiedVoiceConfig({
  layers: 1,
  modelDim: 64,
  maxTextTokens: 20,
  maxMelTokens: 40,
  textTokens: 12,
  melCodes: 34,
});
const mel = { data: new Float32Array(80 * 4), bands: 80, frames: 4 };
const batchOf = () =>
  makeBatch([{ tokens: [1, 2, 3], codes: Array(30).fill(5), conditioning: [mel] }], config);

test("changes codes only: no text, no start token, no target", () => {
  const clean = batchOf();
  const batch = batchOf();
  corruptCodes(batch, config, { share: 1, random: new Random(1) });
  const before = clean.ids.dataSync();
  const after = batch.ids.dataSync();
  const firstCode = before.length - 30;
  expect(after.slice(0, firstCode)).toEqual(before.slice(0, firstCode));
  expect(after.slice(firstCode)).not.toEqual(before.slice(firstCode));
  expect(batch.melTargets.dataSync()).toEqual(clean.melTargets.dataSync());
  for (const id of after.slice(firstCode)) {
    expect(Number(id)).toBeGreaterThanOrEqual(config.textTokens);
    expect(Number(id)).toBeLessThan(config.textTokens + config.startMelToken);
  }
  disposeTree([{ ...clean }, { ...batch }]);
});

test("changes nothing for a share of 0, and refuses one above 1", () => {
  const batch = batchOf();
  const before = batch.ids.dataSync().slice();
  corruptCodes(batch, config, { share: 0, random: new Random(1) });
  expect(batch.ids.dataSync()).toEqual(before);
  expect(() => corruptCodes(batch, config, { share: 2, random: new Random(1) })).toThrow(
    new RangeError("corruptCodes: share is 2; give 0 to 1"),
  );
  disposeTree({ ...batch });
});
