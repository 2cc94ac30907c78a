/// <reference types="node" />
import { readFileSync } from "node:fs";
import { decodeSafetensors } from "@hawksbill/checkpoint";
import { openDevice, subtree, type Tensor, toNumbers } from "@hawksbill/core";
import { Tokenizer } from "@hawksbill/text";
import { Tortoise, tortoiseModel } from "@hawksbill/tortoise";
import { afterAll, expect, test } from "vitest";
import { fixedCodes } from "./speech-codes.js";

/** What tools/fixtures/chain.py made of a text with PyTorch 2.13 (seed 40). */
const file = new URL("../../fixtures/chain.safetensors", import.meta.url);
const { tensors, metadata } = decodeSafetensors(readFileSync(file), "chain.safetensors");
const said = (name: string): unknown => JSON.parse(metadata[name] as string);

function numbers(name: string): number[] {
  const x = tensors[name] as Tensor;
  return Array.from(toNumbers(x.dataSync(), x.dtype));
}

/** A letter for each token from 3 on, so that any row of tokens can be written as a text. */
const tokenizer = new Tokenizer({
  tokens: new Map(["[STOP]", "[UNK]", "[SPACE]", ..."abcdefghij"].map((token, id) => [token, id])),
  merges: [],
  addedTokens: [{ id: 2, content: "[SPACE]", special: true }],
  fuseUnknown: false,
  cleaners: "none",
});

const silence = said("silence") as { readonly calm: number; readonly ending: number[] };
const model = tortoiseModel(
  tokenizer,
  {
    autoregressive: subtree(tensors, "weights.autoregressive"),
    diffusion: subtree(tensors, "weights.diffusion"),
    vocoder: subtree(tensors, "weights.vocoder"),
    clvp: subtree(tensors, "weights.clvp"),
  },
  { heads: said("heads") as number, settings: { silence } },
);
const device = await openDevice("cpu", { threads: 1 });
const tortoise = Tortoise.create(model, device);
afterAll(async () => {
  await tortoise.dispose();
  await device.close();
});

const request = {
  text: tokenizer.decode(numbers("inputs.text")),
  voice: {
    autoregressive: Float32Array.from(numbers("inputs.voice.autoregressive")),
    diffusion: Float32Array.from(numbers("inputs.voice.diffusion")),
  },
  seed: said("speech_seed") as number,
  maxCodes: said("max_codes") as number,
  diffusion: {
    sampler: "ddim",
    steps: said("steps") as number,
    guidance: said("guidance") as number,
  },
} as const;

/** The largest difference over the largest magnitude wanted. */
function relativeError(got: Float32Array | undefined, wanted: readonly number[]): number {
  if (got?.length !== wanted.length) return Infinity;
  const largest = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const worst = got.reduce((most, x, i) => Math.max(most, Math.abs(x - (wanted[i] ?? NaN))), 0);
  return worst / largest;
}

/** Three times what float32 alone does to PyTorch's: in float64 its mels are up to 9.1e-6 and its waves 3.3e-5 away. */
const tolerance = { mel: 3e-5, wave: 1e-4 };

test("the likeliest codes and their sound are PyTorch's", async () => {
  const speech = await tortoise.speak({ ...request, sampling: "greedy" });

  expect(speech.stopped).toBe(true);
  expect(Array.from(speech.codes)).toEqual(numbers("outputs.greedy.codes"));
  expect(relativeError(speech.mel?.data, numbers("outputs.greedy.mel"))).toBeLessThan(
    tolerance.mel,
  );
  expect(relativeError(speech.audio.samples, numbers("outputs.greedy.wave"))).toBeLessThan(
    tolerance.wave,
  );
});

test("so are codes that are drawn, CLVP's choice among them, and its sound", async () => {
  const candidates = said("candidates") as number;

  const speech = await tortoise.speak({ ...request, candidates });

  expect(speech.candidates.map(({ codes }) => codes.length)).toEqual(
    numbers("outputs.drawn.lengths"),
  );
  expect(
    speech.candidates.flatMap((one) => Array.from(fixedCodes(one, request.maxCodes, silence))),
  ).toEqual(numbers("outputs.drawn.fixed"));
  const scores = Float32Array.from(speech.candidates, ({ score = NaN }) => score);
  expect(relativeError(scores, numbers("outputs.drawn.scores"))).toBeLessThan(1e-5);
  expect(Array.from(speech.codes)).toEqual(numbers("outputs.drawn.codes"));
  expect(relativeError(speech.mel?.data, numbers("outputs.drawn.mel"))).toBeLessThan(tolerance.mel);
  expect(relativeError(speech.audio.samples, numbers("outputs.drawn.wave"))).toBeLessThan(
    tolerance.wave,
  );
});
