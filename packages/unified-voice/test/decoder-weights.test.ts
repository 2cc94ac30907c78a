import {
  type DeviceName,
  liveTensors,
  openDevice,
  Random,
  type WeightPrecision,
} from "@hawksbill/core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { Decoder, initialise, unifiedVoiceConfig } from "../src/index.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Where these tests run; see tools/test-devices.mjs. */
    device?: DeviceName;
  }
}

const name = inject("device") ?? "cpu";
// Operators that it lacks are refused, so all of this runs on the device.
const device = await openDevice(name, name === "cpu" ? { threads: 1 } : {});
afterAll(() => device.close());

const config = unifiedVoiceConfig({
  layers: 2,
  modelDim: 128,
  textTokens: 32,
  melCodes: 66,
  maxTextTokens: 40,
  maxMelTokens: 90,
});
const weights = initialise(config, new Random(1));
const voice = new Random(2).normal([config.modelDim]).dataSync() as Float32Array;
const prompts = [[3, 7, 2], [9]].map((tokens) => ({ tokens, voice }));

async function logitsWith(precision: WeightPrecision): Promise<number[]> {
  const decoder = new Decoder(weights, config, device, { weights: precision });
  const decoding = await decoder.begin(prompts, 1);
  const rows = await decoding.step(prompts.map(() => config.startMelToken));
  decoding.dispose();
  await decoder.dispose();
  return rows.flatMap((row) => Array.from(row.logits));
}

const slow = 120_000; // On a software GPU.
let exact: number[];
beforeAll(async () => {
  exact = await logitsWith("float32");
}, slow);

test.each([
  // Roundings to 1/127 of the largest in 8 products behind one another, of rows, too, on processors.
  { precision: "int8", most: 0.03 },
  // To 1/15 of the range.
  { precision: "int4", most: 0.3 },
] as const)(
  "matrices in $precision give nearly the same logits, and are freed",
  async ({ precision, most }) => {
    const before = liveTensors();
    const rounded = await logitsWith(precision);
    const error =
      Math.hypot(...rounded.map((x, i) => x - (exact[i] as number))) / Math.hypot(...exact);
    expect(error).toBeLessThan(most);
    expect(error).toBeGreaterThan(1e-6);
    expect(liveTensors()).toBe(before);
  },
  slow,
);
