/// <reference types="node" />
import { fileURLToPath } from "node:url";
import { type Audio, arMel, type Mel } from "@hawksbill/audio";
import { modelFolder, voiceFolder } from "@hawksbill/base-small";
import { type Device, disposeTree, openDevice, Random } from "@hawksbill/core";
import { TextError } from "@hawksbill/text";
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
import { bracketed, heardCodes, heardText, readBracketed } from "./brackets.js";

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

test("words in brackets are told from those to be heard, wherever they stand", () => {
  const [heard, hidden] = [false, true].map((isHidden) => (words: string) => ({ words, isHidden }));
  expect(bracketed(" [I am so sad,] please go. ")).toEqual([
    hidden?.("I am so sad,"),
    heard?.("please go."),
  ]);
  expect(bracketed("He left. [I am sad], go... [So] [sad.]")).toEqual([
    heard?.("He left."),
    hidden?.("I am sad,"),
    heard?.("go..."),
    hidden?.("So sad."),
  ]);
  expect(heardText("[I am sad,] go. [I am glad!] Come [...] in.")).toBe("go. Come [...] in.");
  expect(heardText("[Go.] ...")).toBe("");
  for (const text of ["Please go.", "[...] And then he left.", "[!?] Go.", "[ ] Go.", "[a", "a] b"])
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
  const [heard, hidden] = [
    "Why is the carpet on the third floor?",
    "I am afraid he is hiding something.",
  ];
  const codes = [await say(hidden), await say(heard), await say(hidden)];
  const [first, second] = codes.map(({ length }) => length) as [number, number];
  const stretches = bracketed(`[${hidden}] ${heard} [${hidden}]`) ?? [];
  const progress: number[] = [];
  const ranges = await heardCodes(readBracketed(stretches, read), {
    ...{ unifiedVoice, voice },
    codes: Int32Array.from(codes.flatMap((part) => [...part])),
    onProgress: (done, of) => progress.push(done / of),
  });
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  expect([progress[0], progress.at(-1)]).toEqual([0, 1]);
  const threeCodes = 3; // 0.14 s.
  expect(ranges).toHaveLength(1);
  const [from, to] = ranges[0] ?? [0, 0];
  expect(Math.abs(from - first)).toBeLessThanOrEqual(threeCodes);
  expect(Math.abs(to - first - second)).toBeLessThanOrEqual(threeCodes);
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
  await expect(speaker.speak({ text: "[I am] [sad.]", voice, onProgress })).rejects.toThrow(
    new TextError(
      'speak: all words of "[I am sad.]" stand in brackets, and are not heard; give words outside of them',
    ),
  );
  expect(told).toEqual([]);
  await speaker.dispose();
});
