/// <reference types="node" />
import { readFileSync } from "node:fs";
import { openDevice } from "@hawksbill/core";
import { Tortoise } from "@hawksbill/tortoise";
import { afterAll, expect, test } from "vitest";
import { chainUrl, openChain, relativeError, tolerance } from "../../test/chain.js";
import { fixedCodes } from "./speech-codes.js";

const { model, request, candidates, numbers } = openChain(readFileSync(chainUrl));
const device = await openDevice("cpu", { threads: 1 });
const tortoise = Tortoise.create(model, device);
afterAll(async () => {
  await tortoise.dispose();
  await device.close();
});

test("the likeliest codes and their sound are PyTorch's", async () => {
  const { codes, stopped, mel, audio } = await tortoise.speak({ ...request, sampling: "greedy" });

  expect(stopped).toBe(true);
  expect(Array.from(codes)).toEqual(numbers("outputs.greedy.codes"));
  expect(relativeError(mel?.data, numbers("outputs.greedy.mel"))).toBeLessThan(tolerance.mel);
  const error = relativeError(audio.samples, numbers("outputs.greedy.wave"));
  expect(error).toBeLessThan(tolerance.wave);
});

test("so are codes that are drawn, CLVP's choice among them, and its sound", async () => {
  const { silence } = model.settings;

  const speech = await tortoise.speak({ ...request, candidates });

  const { codes, mel, audio } = speech;
  const lengths = speech.candidates.map((candidate) => candidate.codes.length);
  expect(lengths).toEqual(numbers("outputs.drawn.lengths"));
  const fixed = speech.candidates.map((one) => fixedCodes(one, request.maxCodes, silence));
  expect(fixed.flatMap((row) => Array.from(row))).toEqual(numbers("outputs.drawn.fixed"));
  const scores = Float32Array.from(speech.candidates, ({ score = NaN }) => score);
  expect(relativeError(scores, numbers("outputs.drawn.scores"))).toBeLessThan(1e-5);
  expect(Array.from(codes)).toEqual(numbers("outputs.drawn.codes"));
  expect(relativeError(mel?.data, numbers("outputs.drawn.mel"))).toBeLessThan(tolerance.mel);
  const error = relativeError(audio.samples, numbers("outputs.drawn.wave"));
  expect(error).toBeLessThan(tolerance.wave);
});
