/// <reference types="node" />
import { fileURLToPath } from "node:url";
import { type Audio, arMel, type Mel } from "@hawksbill/audio";
import { modelFolder, voiceFolder } from "@hawksbill/base-small";
import { type Device, disposeTree, openDevice, Random } from "@hawksbill/core";
import {
  DvaeSpeaker,
  disposeModel,
  type Model,
  Tortoise,
  tortoiseModel,
} from "@hawksbill/tortoise";
import { openModel, openVoice } from "@hawksbill/tortoise/node";
import { UnifiedVoice } from "@hawksbill/unified-voice";
import { afterAll, beforeAll, expect, test } from "vitest";
import { settings, tinyWeights, tokenizer } from "../../test/tiny-tortoise.js";
import { bracketed, hiddenCodes, readBracketed } from "./brackets.js";

let device: Device;
let model: Model;
beforeAll(async () => {
  device = await openDevice("cpu", { threads: 1 });
  model = await openModel(fileURLToPath(modelFolder));
}, 60_000);
afterAll(async () => {
  disposeModel(model);
  await device.close();
});

test("words in brackets before a text are told from it", () => {
  expect(bracketed(" [I am so sad,] please go. ")).toEqual({
    spoken: "I am so sad, please go.",
    hidden: "I am so sad,",
    heard: "please go.",
  });
  for (const text of ["Please go.", "Please [now] go.", "[Go.]", "[ ] Go.", "[a [b] c] d", "[a"])
    expect(bracketed(text)).toBeUndefined();
  for (const text of ["[...] And then he left.", "[Go.] ...", "[!?] Go."])
    expect(bracketed(text)).toBeUndefined();
});

async function clip(name: string): Promise<{ audio: Audio; mel: Mel }> {
  const clips = await openVoice(fileURLToPath(new URL(`wavs/${name}.opus`, voiceFolder)));
  const [audio] = clips as readonly [Audio];
  return { audio, mel: arMel(audio.samples) };
}

test("finds where one sentence ends and the next begins", { timeout: 60_000 }, async () => {
  const unifiedVoice = UnifiedVoice.create(model.unifiedVoice, device);
  const voice = await unifiedVoice.conditioning([(await clip("slt-011")).mel]);
  const read = (text: string): number[] => model.tokenizer.encode(text);
  const { sampling } = model.settings;
  const say = async (text: string): Promise<Int32Array> => {
    const [said] = await unifiedVoice.generate([{ tokens: read(text), voice }], {
      random: new Random(1),
      ...(sampling === undefined ? {} : { sampling }),
    });
    return said?.codes ?? new Int32Array();
  };
  const hidden = "I am afraid he is hiding something.";
  const heard = "Why is the carpet on the third floor?";
  const codes = [await say(hidden), await say(heard)];
  const progress: number[] = [];
  const found = await hiddenCodes(
    readBracketed({ spoken: `${hidden} ${heard}`, hidden, heard }, read),
    {
      ...{ unifiedVoice, voice },
      codes: Int32Array.from(codes.flatMap((part) => [...part])),
      onProgress: (done, of) => progress.push(done / of),
    },
  );
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  expect([progress[0], progress.at(-1)]).toEqual([0, 1]);
  const threeCodes = 3; // 0.14 s.
  expect(Math.abs(found - (codes[0]?.length ?? 0))).toBeLessThanOrEqual(threeCodes);
  await unifiedVoice.dispose();
});

test("what is spoken without brackets is the end of what is spoken with them", {
  timeout: 60_000,
}, async () => {
  const speaker = DvaeSpeaker.create(model, device);
  const voice = await speaker.voice([(await clip("slt-001")).audio]);
  const whole = await speaker.speak({ text: "I am so sad, please close the door.", voice });
  const part = await speaker.speak({ text: "[I am so sad,] please close the door.", voice });
  await speaker.dispose();
  expect(part.codes).toEqual(whole.codes);
  const { samples } = part.audio;
  expect(samples.length).toBeLessThan(whole.audio.samples.length);
  const fade = 200; // Samples of the fades at both ends.
  const end = whole.audio.samples.slice(-samples.length);
  expect(samples.slice(fade, -fade)).toEqual(end.slice(fade, -fade));
  expect(part.seconds.brackets).toBeGreaterThan(0);
});

test("TorToiSe's own files do so, too", async () => {
  const weights = tinyWeights();
  const tortoise = Tortoise.create(tortoiseModel(tokenizer, weights, { settings }), device);
  const request = {
    voice: "random",
    candidates: 1,
    maxCodes: 20,
    diffusion: { steps: 2 },
  } as const;
  const whole = await tortoise.speak({ ...request, text: "the fox, a dog" });
  const part = await tortoise.speak({ ...request, text: "[the fox,] a dog" });
  await tortoise.dispose();
  disposeTree(weights);
  expect(part.codes).toEqual(whole.codes);
  expect(part.audio.samples.length).toBeLessThan(whole.audio.samples.length);
});

test("what cannot be read is refused before anything is spoken", async () => {
  const speaker = DvaeSpeaker.create(model, device);
  const told: string[] = [];
  const onProgress = ({ stage }: { stage: string }) => told.push(stage);
  const voice = [(await clip("slt-001")).audio];
  for (const text of ["[I am # sad,] go.", "[I am sad,] go #."])
    await expect(speaker.speak({ text, voice, onProgress })).rejects.toThrow('"#" at');
  expect(told).toEqual([]);
  await speaker.dispose();
});
