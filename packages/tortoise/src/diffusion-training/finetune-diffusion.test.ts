import { decodeSafetensors, encodeSafetensors } from "@hawksbill/checkpoint";
import { openDevice, Random, type Weights } from "@hawksbill/core";
import { initialiseDiffusion } from "@hawksbill/diffusion";
import {
  decodeTrainingState,
  encodeTrainingState,
  type TrainingState,
  weightsHash,
} from "@hawksbill/trainer";
import { afterAll, expect, test, vi } from "vitest";
import { tinyClips, tinyModel } from "../../test/tiny-model.js";
import type { FinetuneEvent } from "../finetune-options.js";
import { TortoiseError } from "../tortoise-error.js";
import type { DiffusionFinetuneOptions } from "./diffusion-finetune-options.js";
import { finetuneDiffusion } from "./finetune-diffusion.js";

const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());
vi.setConfig({ testTimeout: 240_000 }); // A step's program takes a second to make, more on a busy machine.
const model = tinyModel(1);
const clips = tinyClips(model);

function tinyDecoder(latentChannels = 64): Weights {
  const sizes = { bands: 100, modelChannels: 16, heads: 2, layers: 1, latentChannels, tokens: 18 };
  const random = new Random(3);
  const weights = initialiseDiffusion(sizes, random);
  // At 0, as it begins, "out.2" lets no gradient through to what an adapter changes.
  return { ...weights, "out.2.weight": random.normal([200, 16, 3]) };
}

/** @returns The events, and what the weights became. */
async function run(
  options: Partial<DiffusionFinetuneOptions> = {},
): Promise<{ events: FinetuneEvent[]; diffusion: Weights }> {
  const diffusion = tinyDecoder();
  const settings = { steps: 4, batchSize: 2, heldOut: 1, learningRate: 1e-3 };
  const events: FinetuneEvent[] = [];
  for await (const event of finetuneDiffusion({
    ...{ model, clips, device, diffusion },
    ...settings,
    ...options,
  }))
    events.push(event);
  return { events, diffusion };
}

function heldOutLosses(events: readonly FinetuneEvent[]): number[] {
  return events.flatMap((event) => (event.type === "evaluation" ? [event.loss] : []));
}

test("learns, and leaves alone what hears the voice and what reads codes", async () => {
  const before = tinyDecoder();
  const { events, diffusion } = await run({ steps: 30, learningRate: 3e-3, batchSize: 3 });

  const [first = 0, ...later] = heldOutLosses(events);
  expect(later.at(-1)).toBeLessThan(0.8 * first);
  const changed = Object.keys(diffusion).filter(
    (name) => diffusion[name]?.dataSync().join() !== before[name]?.dataSync().join(),
  );
  expect(changed.filter((name) => /^(contextual|code_emb|code_conv)/.test(name))).toEqual([]);
  expect(changed).toContain("latent_conditioner.0.weight");
  expect(changed).toContain("mel_head.weight");
  expect(changed).toContain("unconditioned_embedding");
  const step = events.find((event) => event.type === "step");
  expect(Object.keys(step?.metrics ?? {})).toEqual(["noise", "variational", "guess", "tokens"]);
});

test("a run that was stopped comes to the same weights", async () => {
  let state: TrainingState | undefined;
  const checkpoint = {
    every: 2,
    save: async (now: TrainingState) => {
      if (now.step === 2) state = copyOf(now);
    },
  };
  const whole = await run({ checkpoint });

  const resumed = await run({ resume: state as TrainingState });

  expect(resumed.events.filter(({ type }) => type === "step")).toHaveLength(2);
  expect(await weightsHash(resumed.diffusion)).toBe(await weightsHash(whole.diffusion));
});

test("inner values that are computed again change nothing", async () => {
  const kept = await run({ programs: "whole", steps: 2 });
  const again = await run({ programs: "blocks", steps: 2 });

  const [a = 0, b = 1] = [kept, again].map(({ events }) => heldOutLosses(events).at(-1));
  expect(b).toBeCloseTo(a, 4); // Sums of float32 in another order.
});

test("an adapter is trained beside the decoder, and merged in the end", async () => {
  const before = tinyDecoder();
  const { events, diffusion } = await run({ adapter: { rank: 2 }, learningRate: 1e-2 });

  const adapter = events.flatMap((event) => (event.type === "adapter" ? [event.adapter] : []))[0];
  expect(adapter?.rank).toBe(2);
  const changed = (name: string): boolean =>
    diffusion[name]?.dataSync().join() !== before[name]?.dataSync().join();
  expect(changed("layers.0.attn.proj_out.weight")).toBe(true);
  expect(changed("layers.0.resblk.in_layers.2.weight")).toBe(true);
  expect(changed("inp_block.weight")).toBe(false);
});

test("what does not fit or makes no sense is refused", async () => {
  await expect(run({ diffusion: tinyDecoder(32) })).rejects.toThrow(
    new TortoiseError(
      "finetuneDiffusion: the decoder reads latents of 32 numbers, the UnifiedVoice has 64; give a decoder and a UnifiedVoice that belong together",
    ),
  );
  await expect(run({ unconditioned: 2 })).rejects.toThrow(
    new TortoiseError("finetuneDiffusion: unconditioned is 2; give a number from 0 to 1"),
  );
  await expect(run({ optimizer: "adam" as "adamw" })).rejects.toThrow(
    new RangeError(
      'finetuneDiffusion: optimizer is "adam"; give one of adamw, adamw8bit, lion, sgd',
    ),
  );
  await expect(run({ longestSeconds: 0 })).rejects.toThrow("longestSeconds is 0; give a number");
});

/** As a file has it: training goes on in the tensors of now. */
function copyOf(state: TrainingState): TrainingState {
  const { tensors, metadata } = encodeTrainingState(state);
  return decodeTrainingState(decodeSafetensors(encodeSafetensors(tensors, metadata)));
}
