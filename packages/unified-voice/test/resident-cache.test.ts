import { type Device, type DeviceName, liveTensors, openDevice, Random } from "@hawksbill/core";
import { afterAll, expect, inject, test } from "vitest";
import { Decoder } from "../src/decoder.js";
import { type Generated, generate, initialise, unifiedVoiceConfig } from "../src/index.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Where these tests run; see tools/test-devices.mjs. */
    device?: DeviceName;
  }
}

const name = inject("device") ?? "cpu";
const opened = await openDevice(name, name === "cpu" ? { threads: 1 } : {});
afterAll(() => opened.close());
/** What keeps no results is made to go through the same programs. */
const device: Device = { ...opened, keepsResults: true };
/** The same, with the cache on the host. */
const host: Device = { ...opened, keepsResults: false };

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
const long = Array.from({ length: 30 }, (_, i) => i + 1);
const prompts = [[3, 7, 2], [9], long].map((tokens) => ({ tokens, voice }));

const slow = { timeout: 300_000 }; // On a software GPU.

test("says what a cache on the host says, over growth and as rows leave", slow, async () => {
  const live = liveTensors();
  const spoken: Generated[][] = [];
  const left: number[] = [];
  for (const where of [host, device]) {
    const decoder = new Decoder(weights, config, where);
    const rows = [...prompts, ...prompts];
    spoken.push(
      await generate(decoder, rows, config, {
        // Lively enough that rows stop, each at another time.
        sampling: { repetitionPenalty: 1, temperature: 1.5, topK: 0, topP: 1 },
        random: new Random(3),
        maxCodes: 24,
        onProgress: ({ rowsLeft }) => left.push(rowsLeft),
      }),
    );
    await decoder.dispose();
  }

  expect(spoken[1]).toEqual(spoken[0]);
  expect(new Set(left).size).toBeGreaterThan(2);
  // The first prompt takes 48 places, and there are 64 from its first step on.
  expect(Math.max(...(spoken[0] ?? []).map(({ codes }) => codes.length))).toBeGreaterThan(17);
  expect(liveTensors()).toBe(live);
});

/** Only a device that keeps results has anything to count. */
const counted = test.runIf(opened.keepsResults);

counted("a step moves embeddings, masks, logits and states, no keys or values", slow, async () => {
  const rows = 3;
  const decoder = new Decoder(weights, config, device);
  const decoding = await decoder.begin(prompts, 60);
  const codes = Array<number>(rows).fill(5);
  for (let i = 0; i < 2; i++) await decoding.step(codes); // Programs are loaded, and there are places.

  const before = { ...device.traffic };
  await decoding.step(codes);
  const [up, down] = [device.traffic.up - before.up, device.traffic.down - before.down];
  decoding.dispose();
  await decoder.dispose();

  const places = 64; // There is room for the longest prompt, 48 positions, and for the next steps.
  expect(up).toBeLessThanOrEqual(4 * (rows * config.modelDim + rows * places + places + 1));
  expect(down).toBe(4 * rows * (config.melCodes + config.modelDim));
});
