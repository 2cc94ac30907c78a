import { type Device, disposeTree, liveTensors, openDevice, tensor } from "@hawksbill/core";
import { TextError } from "@hawksbill/text";
import {
  joinAudio,
  type ReadOptions,
  read,
  type SpokenPiece,
  Tortoise,
  TortoiseError,
  type TortoiseModel,
  type TortoiseSpeech,
  tortoiseModel,
} from "@hawksbill/tortoise";
import { afterAll, beforeAll, expect, test } from "vitest";
import { settings, tinyWeights, tokenizer } from "../test/tiny-tortoise.js";

const weights = tinyWeights();
const model = tortoiseModel(tokenizer, weights, { settings });
let device: Device;

beforeAll(async () => {
  device = await openDevice("cpu", { threads: 1 });
});

afterAll(async () => {
  await device.close();
  disposeTree(weights);
});

async function readAll(
  options: Partial<ReadOptions<TortoiseSpeech>> = {},
  spoken: TortoiseModel = model,
): Promise<SpokenPiece<TortoiseSpeech>[]> {
  const pieces: SpokenPiece<TortoiseSpeech>[] = [];
  const speaker = Tortoise.create(spoken, device);
  for await (const piece of read({
    speaker,
    text: "the fox naps. a dog jumps. an ox.",
    voice: "random",
    candidates: 1,
    maxCodes: 10,
    retries: 0,
    diffusion: { steps: 2 },
    split: { desiredLength: 5, maxLength: 30 },
    ...options,
  }))
    pieces.push(piece);
  await speaker.dispose();
  return pieces;
}

test("reads a text piece by piece, in one voice", async () => {
  const before = liveTensors();
  const pieces = await readAll();
  expect(liveTensors()).toBe(before);
  expect(pieces.map(({ index, count, text }) => ({ index, count, text }))).toEqual([
    { index: 0, count: 3, text: "the fox naps." },
    { index: 1, count: 3, text: "a dog jumps." },
    { index: 2, count: 3, text: "an ox." },
  ]);
  expect(pieces.map(({ speech }) => speech.plan.seed)).toEqual([0, 0, 0]);
  expect(pieces[2]?.speech.voice).toBe(pieces[0]?.speech.voice);
});

test("reads some pieces again, and says of each what is wrong with it", async () => {
  const endless = { ...weights, autoregressive: { ...weights.autoregressive } };
  const bias = weights.autoregressive["mel_head.bias"];
  const lower = bias?.dataSync().slice() as Float32Array;
  lower[65] = -100; // Never the stop token.
  const stubborn = tensor(lower);
  endless.autoregressive["mel_head.bias"] = stubborn;
  const [piece] = await readAll(
    { only: [1], retries: 2, seed: 5 },
    tortoiseModel(tokenizer, endless, { settings }),
  );
  expect(piece).toMatchObject({ index: 1, text: "a dog jumps.", flaw: "unfinished" });
  expect(piece?.speech.plan.seed).toBe(5); // All tries have the same flaw: the first stays.
  stubborn.dispose();
});

test("refuses what cannot be read", async () => {
  await expect(readAll({ text: " ... " })).rejects.toThrow(
    new TextError("read: there is nothing to say in the text; give one with words"),
  );
  const told: string[] = [];
  const lastIsBad = { text: "the fox naps. a dog # jumps.", voice: "random" } as const;
  await expect(
    readAll({ ...lastIsBad, onProgress: ({ stage }) => told.push(stage) }),
  ).rejects.toThrow('"#" at');
  expect(told).toEqual([]); // Not even the first piece is spoken.
  await expect(readAll({ only: [3] })).rejects.toThrow(
    new RangeError("read: there is no piece 3; the text has 3, counted from 0"),
  );
});

const piece = (samples: number[]) => ({ samples: Float32Array.from(samples), sampleRateHz: 1000 });

test("joins pieces with faded ends and silence between", () => {
  const ones = Array<number>(20).fill(1);
  const { audio, startSeconds } = joinAudio([piece(ones), piece(ones)], { gapSeconds: 0.01 });
  expect(startSeconds).toEqual([0, 0.03]);
  expect(audio.samples.length).toBe(50);
  expect(Array.from(audio.samples.slice(0, 7))).toEqual(
    [0, 0.2, 0.4, 0.6, 0.8, 1, 1].map(Math.fround),
  );
  expect([19, 20, 29, 30, 49].map((i) => audio.samples[i])).toEqual([0, 0, 0, 0, 0]);
});

test("refuses to join nothing, or pieces of different rates", () => {
  expect(() => joinAudio([])).toThrow(
    new TortoiseError("joinAudio: there are no pieces; give one or more"),
  );
  expect(() => joinAudio([piece([1]), { ...piece([1]), sampleRateHz: 2000 }])).toThrow(
    new TortoiseError("joinAudio: pieces have 1000 and 2000 Hz; resample them to one rate"),
  );
});
