import { openDevice } from "@hawksbill/core";
import { type Cache, memoryCache } from "@hawksbill/dataset";
import { weightsHash } from "@hawksbill/trainer";
import { afterAll, expect, test } from "vitest";
import { tinyClips, tinyModel } from "../test/tiny-model.js";
import { finetune } from "./finetune.js";
import type { FinetuneEvent, FinetuneOptions } from "./finetune-options.js";
import { disposeModel } from "./model.js";

const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());

/** @returns The events, and the hash of what the weights became. */
async function run(
  options: Partial<FinetuneOptions> = {},
): Promise<{ events: FinetuneEvent[]; hash: string }> {
  const model = tinyModel(1);
  const settings = { clips: tinyClips(model), device, steps: 2, batchSize: 2, heldOut: 1, model };
  const events: FinetuneEvent[] = [];
  for await (const event of finetune({ ...settings, ...options })) events.push(event);
  const hash = await weightsHash(model.unifiedVoice);
  disposeModel(model);
  return { events, hash };
}

function losses(events: readonly FinetuneEvent[], type: "step" | "evaluation"): number[] {
  return events.flatMap((event) => (event.type === type ? [event.loss] : []));
}

test("a second run encodes nothing, and comes to the same", async () => {
  const kept = memoryCache();
  let encoded = 0;
  const cache: Cache = {
    get: (key) => kept.get(key),
    async set(key, bytes) {
      encoded++;
      await kept.set(key, bytes);
    },
  };
  const { hash } = await run();
  expect((await run({ cache })).hash).toBe(hash);
  expect(encoded).toBe(4);
  expect((await run({ cache })).hash).toBe(hash);
  expect(encoded).toBe(4);
});

test("held-out clips are measured without label smoothing", async () => {
  const plain = await run();
  const smoothed = await run({ labelSmoothing: { mel: 0.5 } });
  expect(losses(smoothed.events, "evaluation")[0]).toBe(losses(plain.events, "evaluation")[0]);
  expect(losses(smoothed.events, "step")[0]).not.toBe(losses(plain.events, "step")[0]);
});

test("the model becomes the average of its weights, and that is measured", async () => {
  const plain = await run();
  // An average that keeps nothing is the weights themselves.
  expect((await run({ averageDecay: 0 })).hash).toBe(plain.hash);
  const slow = await run({ averageDecay: 0.9 });
  expect(slow.hash).not.toBe(plain.hash);
  const [before = 0, , after = 0] = losses(plain.events, "evaluation");
  const [start, , measured = 0] = losses(slow.events, "evaluation");
  expect(start).toBe(before);
  expect(Math.abs(measured - before)).toBeLessThan(Math.abs(after - before));
});
