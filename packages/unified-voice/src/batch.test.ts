import { disposeTree, liveTensors, toNumbers } from "@hawksbill/core";
import { expect, test } from "vitest";
import { makeBatch, type TrainingItem } from "./batch.js";
import { unifiedVoiceConfig } from "./config.js";
import { UnifiedVoiceError } from "./unified-voice-error.js";

const config = unifiedVoiceConfig({
  layers: 1,
  modelDim: 8,
  heads: 1,
  maxTextTokens: 6,
  maxMelTokens: 5,
  textTokens: 10, // 9 starts, 0 stops
  melCodes: 7, // 0 to 4, 5 starts, 6 stops
});
const voice = (frames = 2) => ({ data: new Float32Array(80 * frames), bands: 80, frames });
const item = (tokens: number[], codes: number[], clips = 1): TrainingItem => ({
  tokens,
  codes,
  conditioning: Array.from({ length: clips }, () => voice()),
});

function rows(x: ReturnType<typeof makeBatch>["ids"]): number[][] {
  const [count = 0, width = 0] = x.shape;
  const all = Array.from(toNumbers(x.dataSync(), x.dtype));
  return Array.from({ length: count }, (_, i) => all.slice(i * width, (i + 1) * width));
}

test("a row is start, text, stop, start, codes; codes count on behind the text's ids", () => {
  const batch = makeBatch([item([3, 4], [1, 2, 0]), item([5], [4])], config);
  expect(rows(batch.ids)).toEqual([
    [9, 3, 4, 0, 15, 11, 12, 10],
    [9, 5, 0, 15, 14, 0, 0, 0],
  ]);
  expect(rows(batch.positions)).toEqual([
    [0, 1, 2, 3, 8, 9, 10, 11],
    [0, 1, 2, 8, 9, 0, 0, 0],
  ]);
});

test.each([1, 2, 3])("with %i conditioning clips each position predicts the next one", (clips) => {
  const batch = makeBatch([item([3, 4], [1, 2, 0], clips), item([5], [4], clips)], config);
  expect(batch.conditioning.shape).toEqual([2, clips, 80, 2]);
  expect(rows(batch.textTargets)).toEqual([
    // conditioning, start, 3, 4, stop, start, 1, 2, 0
    [-1, 3, 4, 0, -1, -1, -1, -1, -1],
    [-1, 5, 0, -1, -1, -1, -1, -1, -1],
  ]);
});

test("the stop token is taught right after the last code of every clip, and padding never", () => {
  const batch = makeBatch([item([3, 4], [1, 2, 0]), item([5], [4])], config, { padTo: 16 });
  expect(rows(batch.melTargets)).toEqual([
    [-1, -1, -1, -1, -1, 1, 2, 0, 6, ...Array(7).fill(-1)],
    [-1, -1, -1, -1, 4, 6, ...Array(10).fill(-1)],
  ]);
  expect(batch.ids.shape).toEqual([2, 15]);
});

test("dlas teaches stop tokens only behind the padding, with its flag on", () => {
  const clips = [
    { ...item([3], [1, 2, 3, 4]), samples: 4096 },
    { ...item([3], [1, 2, 3, 4]), samples: 1024 },
  ];
  const on = makeBatch(clips, config, { recipe: "dlas" });
  expect(rows(on.melTargets).map((row) => row.slice(4))).toEqual([
    [1, 2, 3, 4, 6, 6],
    [1, 2, 3, 4, 6, 6],
  ]);
  const off = makeBatch(clips, config, { recipe: "dlas", tortoiseCompat: false });
  expect(rows(off.melTargets).map((row) => row.slice(4))).toEqual([
    [1, 2, 3, 4, 6, 6],
    [1, 2, 6, 6, 6, 6],
  ]);
});

test("the tensors are the caller's to dispose of", () => {
  const before = liveTensors();
  disposeTree(makeBatch([item([3], [1])], config));
  expect(liveTensors()).toBe(before);
});

test.each<[string, TrainingItem[], string]>([
  ["nothing", [], "makeBatch: the batch is empty; give at least one item"],
  [
    "a token outside the vocabulary",
    [item([3], [1]), item([10], [1])],
    "makeBatch: item 1: text token 10 at 0 is not in the vocabulary of 10, of which 9 starts texts; use the tokenizer that came with the model",
  ],
  [
    "the token that starts texts",
    [item([3, 9], [1])],
    "makeBatch: item 0: text token 9 at 1 is not in the vocabulary of 10, of which 9 starts texts; use the tokenizer that came with the model",
  ],
  ["no text", [item([], [1])], "makeBatch: item 0: the text has no tokens; give some text"],
  [
    "a text too long",
    [item([1, 2, 3, 4, 5, 6, 7], [1])],
    "makeBatch: item 0: the text has 7 tokens, the model takes 6; split the text",
  ],
  [
    "a clip without codes",
    [item([3], [])],
    "makeBatch: item 0: the clip has no codes; leave it out or give a longer one",
  ],
  [
    "a clip too long",
    [item([3], [1, 1, 1, 1, 1, 1])],
    "makeBatch: item 0: the clip has 6 codes, the model takes 5; cut the clip",
  ],
  [
    "a stop token among the codes",
    [item([3], [1, 6])],
    "makeBatch: item 0: code 6 at 1 is not one of a dVAE with 5 codes; give codes alone, without start (5) and stop (6)",
  ],
  [
    "a clip without a voice",
    [item([3], [1], 0)],
    "makeBatch: item 0 has no conditioning clip; give at least one",
  ],
  [
    "unequal numbers of clips",
    [item([3], [1]), item([3], [1], 2)],
    "makeBatch: item 1 has 2 conditioning clips, item 0 has 1; give every item as many",
  ],
  [
    "clips of other lengths",
    [item([3], [1]), { tokens: [3], codes: [1], conditioning: [voice(3)] }],
    "makeBatch: item 1 has a conditioning clip of 3 frames, item 0 of 2; cut all to one length",
  ],
  [
    "another kind of mel",
    [
      {
        tokens: [3],
        codes: [1],
        conditioning: [{ data: new Float32Array(100), bands: 100, frames: 1 }],
      },
    ],
    "makeBatch: item 0 has a conditioning mel of 100 bands and 1 frames in 100 numbers; give 80 bands",
  ],
])("refuses %s", (_, items, message) => {
  const [, item] = /item (\d)/.exec(message) ?? [];
  const about = item === undefined ? {} : { item: Number(item) };
  expect(() => makeBatch(items, config)).toThrow(new UnifiedVoiceError(message, about));
});

test("refuses a padding that is no length", () => {
  expect(() => makeBatch([item([3], [1])], config, { padTo: 0 })).toThrow(
    new UnifiedVoiceError("makeBatch: padTo is 0; give a whole number of positions above 0"),
  );
});
