import {
  type Device,
  type DeviceName,
  liveTensors,
  openDevice,
  sizeOf,
  supportsFloat16,
} from "@hawksbill/core";
import type { StepEvent } from "@hawksbill/trainer";
import { afterAll, expect, inject, test } from "vitest";
import { tinyClips, tinyModel } from "../test/tiny-model.js";
import { finetune } from "./finetune.js";
import type { FinetuneOptions } from "./finetune-options.js";
import { disposeModel } from "./model.js";

declare module "vitest" {
  interface ProvidedContext {
    device?: DeviceName;
  }
}

// Another than the CPU by hand: node tools/test-devices.mjs webgpu packages/tortoise/src/resident-base.test.ts
const name = inject("device") ?? "cpu";
const host = await openDevice("cpu", { threads: 1 });
const opened = name === "cpu" ? host : await openDevice(name, { onFallback: () => undefined });
afterAll(async () => {
  await host.close();
  if (opened !== host) await opened.close();
});
/** What keeps no results is made to go through the same programs. */
const gpu: Device = { ...opened, keepsResults: true };

const slow = 240_000; // On a software GPU.

/** Losses, numbers that programs have as constants, and tensors that are left (the adapter, which is the caller's). */
async function run(
  computes: Device,
  basePrecision: FinetuneOptions["basePrecision"] & string,
): Promise<{ losses: number[]; constants: number; left: number }> {
  let constants = 0;
  const device: Device = {
    ...computes,
    load: (graph, loading) => {
      for (const { shape } of graph.constants) constants += sizeOf(shape);
      return computes.load(graph, loading);
    },
  };
  const model = tinyModel();
  const before = liveTensors();
  const losses: number[] = [];
  for await (const event of finetune({
    ...{ model, clips: tinyClips(model), device, steps: 4, batchSize: 2, heldOut: 1, seed: 1 },
    ...{ adapter: { rank: 2 }, programs: "blocks", accumulate: 2, basePrecision },
  }))
    if (event.type === "step") losses.push((event as StepEvent).loss);
  const left = liveTensors() - before;
  disposeModel(model);
  return { losses, constants, left };
}

test.each(["fp32", "fp16"] as const)(
  "a base in %s goes to a GPU once, for the programs of all blocks and lengths",
  async (basePrecision) => {
    const wanted = await run(host, basePrecision);
    const { losses, constants, left } = await run(gpu, basePrecision);
    expect(losses.length).toBe(4);
    for (const [i, loss] of losses.entries())
      expect(Math.abs(loss - (wanted.losses[i] as number))).toBeLessThan(1e-4 * loss);
    expect(left).toBe(wanted.left);
    // Without float16 a GPU cannot be given any: then all are constants.
    const isGiven = basePrecision === "fp32" || (await supportsFloat16(opened));
    if (isGiven) expect(constants).toBeLessThan(1.1 * wanted.constants);
    else expect(constants).toBeGreaterThan(2 * wanted.constants);
  },
  slow,
);

test(
  "a base in 8 bits stays constants there, whose products are left to the CPU",
  async () => {
    const wanted = await run(host, "int8");
    const { losses, constants } = await run(gpu, "int8");
    for (const [i, loss] of losses.entries())
      expect(Math.abs(loss - (wanted.losses[i] as number))).toBeLessThan(1e-3 * loss);
    expect(constants).toBeGreaterThan(2 * wanted.constants);
  },
  slow,
);
