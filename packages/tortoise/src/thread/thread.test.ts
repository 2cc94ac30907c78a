/// <reference types="node" />
import { type Device, disposeTree, openDevice, Random } from "@hawksbill/core";
import { TextError } from "@hawksbill/text";
import {
  type ConnectedSpeaker,
  connectSpeaker,
  type SpeakProgress,
  serveSpeaker,
  speakStream,
  Tortoise,
  TortoiseError,
  type TortoiseSpeech,
  tortoiseModel,
} from "@hawksbill/tortoise";
import { afterAll, beforeAll, expect, test } from "vitest";
import { settings, tinyWeights, tokenizer } from "../../test/tiny-tortoise.js";

const weights = tinyWeights();
const model = tortoiseModel(tokenizer, weights, { settings });
const { port1, port2 } = new MessageChannel(); // Both ends are on one thread here.
const fallback = { program: "decoder", operators: ["Gather"], message: "Gather runs on the CPU" };
const fallbacks: object[] = [];
let device: Device;
let here: Tortoise;
let there: ConnectedSpeaker;

beforeAll(async () => {
  device = await openDevice("cpu", { threads: 1 });
  here = Tortoise.create(model, device);
  serveSpeaker(async (onFallback) => {
    onFallback(fallback);
    return here;
  }, port1);
  there = await connectSpeaker(port2, { onFallback: (one) => fallbacks.push(one) });
});

afterAll(async () => {
  await there.dispose();
  await device.close();
  disposeTree(weights);
});

const text = "the fox naps.";
const quick = { voice: "random", text, candidates: 2, preset: "ultra_fast", maxCodes: 8 } as const;

test("speaks as the speaker over there does, and tells of it", async () => {
  const told: SpeakProgress[] = [];
  const request = { ...quick, diffusion: { steps: 2 }, seed: 3 };

  const heard = await there.speak({ ...request, onProgress: (progress) => told.push(progress) });
  const { seconds: _, ...expected } = await here.speak(request);

  expect([there.kind, there.sampleRateHz]).toEqual(["tortoise", 24_000]);
  expect(heard).toMatchObject(expected);
  expect((heard as TortoiseSpeech).candidates).toHaveLength(2);
  expect(told.at(-1)).toEqual({ stage: "vocoder", done: 1, of: 1 });
  expect(fallbacks).toEqual([fallback]);
});

test("gives sound while codes come, and no more when nobody asks", async () => {
  const voice = await there.voice("random");
  const live = { text, voice, decoder: "hifigan", seed: 1 } as const;
  const told: SpeakProgress[] = [];
  const onProgress = (progress: SpeakProgress): void => void told.push(progress);

  const chunks: number[] = [];
  for await (const { samples } of speakStream({ ...live, speaker: there }))
    chunks.push(samples.length);
  for await (const _ of speakStream({ ...live, speaker: there, onProgress })) break;
  const drawn = told.at(-1)?.done ?? 0;

  const whole: number[] = [];
  for await (const { samples } of speakStream({ ...live, speaker: here }))
    whole.push(samples.length);
  expect(chunks).toEqual(whole);
  expect(chunks.length).toBeGreaterThan(1);
  expect(drawn).toBeLessThan(30); // Of 40 codes: the first chunk comes after 22.
});

test("draws the same voice of the same random", async () => {
  const heard = await there.voice("random", { random: new Random(5) });
  expect(heard).toEqual(await here.voice("random", { random: new Random(5) }));
});

test("an abort ends the work over there", async () => {
  const stop = new AbortController();
  const told: SpeakProgress[] = [];
  const speech = there.speak({
    ...quick,
    signal: stop.signal,
    onProgress(progress) {
      told.push(progress);
      if (progress.stage === "codes" && progress.done > 0) stop.abort();
    },
  });

  await expect(speech).rejects.toMatchObject({ name: "AbortError" });
  expect(told.some(({ stage }) => stage === "diffusion")).toBe(false);
});

test("errors arrive as what they were", async () => {
  const none = there.speak({ ...quick, candidates: 0 });
  await expect(none).rejects.toThrow(RangeError);
  await expect(none).rejects.toThrow("speak: candidates is 0; give a whole number from 1 to 10000");
  await expect(there.check({ text: "the # fox" })).rejects.toThrow(TextError);
  await there.check({ text });
  const latents = { autoregressive: new Float32Array(3) };
  await expect(there.voice(latents)).rejects.toThrow(TortoiseError);
});

test("throws what opening threw", async () => {
  const { port1, port2 } = new MessageChannel();
  serveSpeaker(async () => {
    throw new TortoiseError("nowhere: holds no model");
  }, port1);
  await expect(connectSpeaker(port2)).rejects.toThrow(new TortoiseError("nowhere: holds no model"));
});
