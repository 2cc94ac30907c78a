/**
 * Whether a thousand steps of training leak: fine-tunes a tiny model, whole and block by block, and compares the memory
 * after step 1,000 with that after step 100; ends with 1 if it is more than 2 % above:
 *
 *   node --expose-gc --import tsx --conditions=@hawksbill/source tools/check-leaks.ts
 */
import { liveTensors, openDevice } from "@hawksbill/core";
import { disposeModel, type FinetuneOptions, finetune } from "@hawksbill/tortoise";
import { tinyClips, tinyModel } from "../packages/tortoise/test/tiny-model.js";

const collect = globalThis.gc;
if (!collect) throw new Error("check-leaks: start node with --expose-gc");

/** The least that the process holds within some steps: what lies above is garbage that is still to be collected. */
async function measure(options: Partial<FinetuneOptions>): Promise<readonly string[]> {
  const model = { ...tinyModel(), settings: { learningRate: 1e-4 } };
  const clips = tinyClips(model, 6);
  const device = await openDevice("cpu", { threads: 1 });
  const least = { 100: Number.POSITIVE_INFINITY, 1000: Number.POSITIVE_INFINITY };
  const live: Record<number, number> = {};
  const settings = { model, clips, device, batchSize: 2, heldOut: 1, evaluateEvery: 50 };
  for await (const event of finetune({ ...settings, steps: 1010, ...options })) {
    if (event.type !== "step") continue;
    for (const step of [100, 1000] as const) {
      if (event.step === step) live[step] = liveTensors();
      if (Math.abs(event.step - step) > 10) continue;
      collect?.();
      least[step] = Math.min(least[step], process.memoryUsage.rss());
    }
  }
  await device.close();
  disposeModel(model);
  const growth = least[1000] / least[100] - 1;
  if (growth > 0.02 || live[1000] !== live[100]) process.exitCode = 1;
  const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  return [
    `${megabytes(least[100])} after step 100, ${megabytes(least[1000])} after step 1,000`,
    `(${(100 * growth).toFixed(2)} %), live tensors ${live[100]} and ${live[1000]}`,
  ];
}

const works: Readonly<Record<string, Partial<FinetuneOptions>>> = {
  whole: { programs: "whole" },
  blocks: { programs: "blocks", update: "parts" },
  "int8 base": { adapter: { rank: 4 }, basePrecision: "int8" },
};
for (const [name, options] of Object.entries(works))
  console.log(`${name}: ${(await measure(options)).join(" ")}`);
