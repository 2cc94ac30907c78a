/// <reference types="node" />
import { readFileSync } from "node:fs";
import { decodeSafetensors, toFloat16 } from "@hawksbill/checkpoint";
import {
  DisposedError,
  liveTensors,
  NonFiniteError,
  openDevice,
  Random,
  subtree,
  tensor,
  type Weights,
  zeros,
} from "@hawksbill/core";
import { afterAll, expect, test } from "vitest";
import {
  Classifier,
  Clvp,
  Cvvp,
  inferClassifierConfig,
  inferClvpConfig,
  inferCvvpConfig,
} from "./index.js";

const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());

function weightsOf(name: string): Weights {
  const bytes = readFileSync(new URL(`../fixtures/${name}.safetensors`, import.meta.url));
  return subtree(decodeSafetensors(bytes).tensors, "weights");
}

const weights = {
  clvp: weightsOf("clvp"),
  cvvp: weightsOf("cvvp"),
  classifier: weightsOf("classifier"),
};
const clvp = Clvp.create(weights.clvp, device);
const cvvp = Cvvp.create(weights.cvvp, device);
const classifier = Classifier.create(weights.classifier, device);
const random = new Random(5);
const codes = (length: number): number[] => Array.from({ length }, () => random.integer(20));
const { melBands } = cvvp.config;
const clip = (frames: number) => ({
  data: random.normal([melBands, frames]).dataSync() as Float32Array,
  bands: melBands,
  frames,
});
const noise = (length: number) => ({
  samples: random.normal([length]).dataSync() as Float32Array,
  sampleRateHz: 24_000,
});

test("a candidate's score depends on no other candidate", async () => {
  const candidates = [codes(12), codes(12), codes(12)];
  const scores = await clvp.similarity([3, 7, 0], candidates);
  const [alone] = await clvp.similarity([3, 7, 0], candidates.slice(1));
  expect(scores[1]).toBe(alone);
  expect(new Set(scores).size).toBe(3);
});

test("texts of all lengths are read by one program", async () => {
  const loaded: string[] = [];
  const counting: typeof device = {
    ...device,
    load: (graph, options = {}) => {
      loaded.push(options.name ?? "");
      return device.load(graph, options);
    },
  };
  const one = Clvp.create(weights.clvp, counting);
  const candidates = [codes(12)];
  for (const tokens of [
    [3, 0],
    [3, 7, 9, 0],
  ])
    expect(await one.similarity(tokens, candidates)).toEqual(
      await clvp.similarity(tokens, candidates),
    );
  expect(loaded.filter((name) => name === "Clvp text")).toHaveLength(1);
  await one.dispose();
});

test("the score for several clips is the mean of the scores for each", async () => {
  const clips = [clip(40), clip(57)];
  const candidates = [codes(9), codes(9)];
  const both = await cvvp.similarity(clips, candidates);
  const [first, second] = await Promise.all(clips.map((x) => cvvp.similarity([x], candidates)));
  for (const [i, score] of both.entries())
    expect(score).toBeCloseTo(((first?.[i] ?? 0) + (second?.[i] ?? 0)) / 2, 5); // Float32's rounding.
});

test("tells how far it is, and stops when it is told to", async () => {
  const controller = new AbortController();
  const seen: unknown[] = [];
  const run = clvp.similarity([1, 0], [codes(5), codes(5), codes(5)], {
    signal: controller.signal,
    onProgress(progress) {
      seen.push(progress);
      if (progress.judged === 2) controller.abort(new Error("enough"));
    },
  });
  await expect(run).rejects.toThrow("enough");
  expect(seen).toEqual([
    { judged: 1, candidates: 3 },
    { judged: 2, candidates: 3 },
  ]);
});

test("keeps no tensors, also where it fails, and float16 weights will do", async () => {
  const halves = {
    clvp: toFloat16(weights.clvp),
    cvvp: toFloat16(weights.cvvp),
    classifier: toFloat16(weights.classifier),
  };
  const wanted = await clvp.similarity([1, 0], [codes(5).fill(2)]);
  const voice = clip(20);
  const sound = noise(900);
  const before = liveTensors();
  const small = {
    clvp: Clvp.create(halves.clvp, device),
    cvvp: Cvvp.create(halves.cvvp, device),
    classifier: Classifier.create(halves.classifier, device),
  };
  const [score] = await small.clvp.similarity([1, 0], [codes(5).fill(2)]);
  expect(score).toBeCloseTo(wanted[0] as number, 1); // Rounded weights.
  await small.cvvp.similarity([voice], [codes(5)]);
  await small.classifier.probability(sound);
  await expect(
    small.clvp.similarity([1], [codes(3)], { signal: AbortSignal.abort() }),
  ).rejects.toThrow();
  for (const model of Object.values(small)) await model.dispose();
  expect(liveTensors()).toBe(before);

  await expect(small.clvp.similarity([1], [[1]])).rejects.toThrow(
    "Clvp.similarity: this CLVP was disposed of; create another",
  );
  await expect(small.cvvp.similarity([voice], [[1]])).rejects.toThrow(
    "Cvvp.similarity: this CVVP was disposed of; create another",
  );
  await expect(small.classifier.probability(sound)).rejects.toThrow(
    "Classifier.probability: this classifier was disposed of; create another",
  );
});

test("matrices in 8 bits score nearly alike, and are freed", async () => {
  const tokens = [3, 7, 9, 0];
  const candidates = Array.from({ length: 8 }, () => codes(20));
  const wanted = await clvp.similarity(tokens, candidates);
  const before = liveTensors();
  const rounded = Clvp.create(weights.clvp, device, { weights: "int8" });
  const scores = await rounded.similarity(tokens, candidates);
  await rounded.dispose();
  const mean = wanted.reduce((sum, score) => sum + score / wanted.length, 0);
  const spread = Math.hypot(...wanted.map((score) => score - mean));
  const error = Math.hypot(...scores.map((score, i) => score - (wanted[i] as number)));
  expect(error).toBeGreaterThan(0);
  expect(error / spread).toBeLessThan(0.1);
  expect(liveTensors()).toBe(before);
});

test("disposed of amid its work, it loads no program any more", async () => {
  const candidates = [codes(5), codes(5), codes(5)];
  const small = Clvp.create(weights.clvp, device);
  let judged = 0;
  const disposing: Promise<void>[] = [];
  const onProgress = () => {
    judged++;
    disposing.push(small.dispose());
  };
  await expect(small.similarity([1, 0], candidates, { onProgress })).rejects.toThrow(DisposedError);
  await Promise.all(disposing);
  expect(judged).toBe(1);
});

test("scores that are no numbers are told, not ranked", async () => {
  const broken = { ...weights.clvp, temperature: tensor(NaN) };
  const small = Clvp.create(broken, device);
  await expect(small.similarity([1, 0], [codes(5)])).rejects.toThrow(
    new NonFiniteError(
      "Clvp.similarity: the score of candidate 0 is NaN or infinite; look for such numbers in the weights",
    ),
  );
  await small.dispose();
});

test.each([
  [[], [[1]], "Clvp.similarity: the text has no tokens; give some text"],
  [
    [1, 99],
    [[1]],
    `Clvp.similarity: text token 99 at 1 is not in the vocabulary of ${clvp.config.numTextTokens}; use the tokenizer that came with the model`,
  ],
  [[1], [], "Clvp.similarity: there is no candidate; give one or more, of one code or more"],
  [
    [1],
    [[]],
    "Clvp.similarity: there are no codes in candidate 0; give one or more, of one code or more",
  ],
  [
    [1],
    [[1, 2], [1]],
    "Clvp.similarity: candidate 1 has 1 codes, candidate 0 has 2; pad all to one length, since every code counts in the mean",
  ],
  [
    [1],
    [[1, 8193]],
    `Clvp.similarity: code 8193 at 1 of candidate 0 is not one of ${clvp.config.numSpeechTokens}; replace start and stop tokens by the code of silence first`,
  ],
])(
  "refuses texts and candidates that it cannot compare (%#)",
  async (text, candidates, message) => {
    await expect(clvp.similarity(text, candidates)).rejects.toThrow(new RangeError(message));
  },
);

test("refuses clips that are not this model's", async () => {
  await expect(cvvp.similarity([], [[1]])).rejects.toThrow(
    "Cvvp.similarity: there is no clip of the voice; give at least one",
  );
  await expect(cvvp.similarity([{ ...clip(5), bands: 3 }], [[1]])).rejects.toThrow(
    `Cvvp.similarity: clip 0 is [3, 5] with ${5 * melBands} numbers; give [${melBands}, frames]`,
  );
  const broken = clip(5);
  broken.data[2] = Number.NaN;
  await expect(cvvp.similarity([clip(5), broken], [[1]])).rejects.toThrow(
    "Cvvp.similarity: clip 1 holds NaN at 2; give finite numbers",
  );
});

test("refuses sound that it cannot judge", async () => {
  await expect(classifier.probability({ ...noise(9), sampleRateHz: 22_050 })).rejects.toThrow(
    "Classifier.probability: the clip has 22050 samples a second; resample it to 24000",
  );
  await expect(classifier.probability(noise(0))).rejects.toThrow(
    "Classifier.probability: the clip has no samples; give some sound",
  );
  const broken = noise(9);
  broken.samples[4] = Number.POSITIVE_INFINITY;
  await expect(classifier.probability(broken)).rejects.toThrow(
    "Classifier.probability: sample 4 is Infinity; give finite samples",
  );
});

test("listens to the first 220,000 samples", async () => {
  const sound = noise(220_004);
  const whole = await classifier.probability(sound);
  sound.samples.fill(9, 220_000);
  expect(await classifier.probability(sound)).toBe(whole);
});

test("weights of another model name the tensor", () => {
  expect(() => inferClvpConfig(weights.cvvp)).toThrow(/^CLVP: "text_emb.weight" is missing/);
  expect(() => inferCvvpConfig(weights.clvp)).toThrow(/^CVVP: "cond_emb.0.weight" is missing/);
  expect(() => inferClassifierConfig(weights.clvp, { file: "a.pth" })).toThrow(
    'a.pth: "enc.init.0.weight" is missing; give the weights of a classifier of generated speech',
  );
  const other = { ...weights.clvp, "to_speech_latent.weight": zeros([2, 3]) };
  expect(() => inferClvpConfig(other)).toThrow(
    /^CLVP: "to_speech_latent.weight" is \[2, 3\], expected \[\d+, \d+\]/,
  );
});
