// @ts-check
import { expect, test } from "vitest";
import { corpusSentences, makeSentences, readLines, wordSentences } from "./corpus-sentences.mjs";
import { SPEAKERS } from "./corpus-speakers.mjs";
import { encodeWav, polishClip } from "./corpus-wav.mjs";
import { wordErrorRate } from "./recognise.mjs";

const sentences = corpusSentences();

test("the corpus has thousands of different sentences of plain words", () => {
  expect(new Set(sentences).size).toBe(11000);
  expect(sentences.filter((sentence) => !/^[A-Z][A-Za-z ,']*[.?!]$/.test(sentence))).toEqual([]);
  const words = sentences.flatMap((sentence) => sentence.toLowerCase().match(/[a-z']+/g) ?? []);
  expect(new Set(words).size).toBeGreaterThan(2000);
});

test("a seed gives the same sentences, and another seed others", () => {
  expect(makeSentences(500, 1)).toEqual(makeSentences(500, 1));
  expect(makeSentences(500, 2)).not.toEqual(makeSentences(500, 1));
});

test("no sentence of the demo's voice is in the corpus", () => {
  const known = new Set(sentences);
  expect(readLines("./voice-sentences.txt").filter((text) => known.has(text))).toEqual([]);
});

test("sentences of a list's words use plain words only, all of them before any twice", () => {
  const words = ["alpha", "bravo", "o'clock", "Charlie", "delta", "at"];

  const text = wordSentences(20, words).join(" ").toLowerCase();

  expect(text).not.toMatch(/_|o'clock|charlie/);
  const counts = ["alpha", "bravo", "delta"].map((word) => text.split(word).length - 1);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
});

test("the speakers' shares make the whole", () => {
  expect(SPEAKERS.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
});

test("a polished clip has 0.05 s before the sound, 0.12 s after it, and its peak at -3 dB", () => {
  const samples = new Float32Array(3000);
  samples.fill(0.1, 1000, 2000);
  const clip = polishClip(samples, 1000);
  expect(clip.length).toBe(50 + 1000 + 120);
  expect(clip.findIndex((sample) => sample !== 0)).toBe(50);
  expect(Math.max(...clip)).toBeCloseTo(0.708, 6);
});

test("a WAV file has 44 bytes of header and two for each sample", () => {
  const wav = encodeWav(Float32Array.of(0, 1, -1), 16_000);
  expect([...wav.subarray(44)]).toEqual([0, 0, 0xff, 0x7f, 0x01, 0x80]);
});

test("the word error rate counts wrong, missing and added words", () => {
  expect(wordErrorRate("Is it a cat?", "is it a cat")).toBe(0);
  expect(wordErrorRate("Is it a cat?", "is it the cat")).toBe(0.25);
  expect(wordErrorRate("Is it a cat?", "is it")).toBe(0.5);
  expect(wordErrorRate("Hello!", "oh hello there")).toBe(2);
});
