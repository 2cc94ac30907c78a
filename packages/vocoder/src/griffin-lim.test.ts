/// <reference types="node" />
import { readFileSync } from "node:fs";
import { AR_MEL, arMel, decodeMono, type Mel } from "@hawksbill/audio";
import { expect, test, vi } from "vitest";
import { griffinLim } from "./griffin-lim.js";
import { VocoderError } from "./vocoder-error.js";

vi.setConfig({ testTimeout: 60_000 }); // A busy machine takes a second of speech for ten.

const file = new Uint8Array(readFileSync(new URL("../fixtures/speech.flac", import.meta.url)));
const speech = (await decodeMono(file, AR_MEL)).samples.subarray(0, 20_000);
const mel = arMel(speech);

/** The log-spectral distance in decibels: the root mean square over bands, averaged over frames. */
function distance(samples: Float32Array, wanted: Float32Array): number {
  const [a, b] = [samples, wanted].map((waveform) => arMel(waveform, { melNorms: null })) as [
    Mel,
    Mel,
  ];
  const frames = Math.min(a.frames, b.frames);
  let total = 0;
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0;
    for (let band = 0; band < 80; band++) {
      const got = a.data[band * a.frames + frame] as number;
      sum += (got - (b.data[band * b.frames + frame] as number)) ** 2;
    }
    total += Math.sqrt(sum / 80);
  }
  return ((10 / Math.LN10) * total) / frames;
}

// Measured: 0.55 dB. Fitting the magnitudes only once, before the search, leaves twice as much.
test("speaks with the mel it was given", () => {
  expect(distance(griffinLim(mel).samples, speech)).toBeLessThan(0.65);
});

test("comes nearer with more iterations", () => {
  const distances = [0, 5, 20].map((iterations) =>
    distance(griffinLim(mel, { iterations }).samples, speech),
  );
  expect(distances).toEqual(distances.toSorted((a, b) => b - a));
});

test("is as long as its frames, at 22,050 Hz, and within full scale", () => {
  const { samples, sampleRateHz } = griffinLim(mel, { iterations: 1 });
  expect(sampleRateHz).toBe(22_050);
  expect(samples.length).toBe((mel.frames - 1) * 256);
  expect(samples.every((sample) => Math.abs(sample) <= 1)).toBe(true);
});

test("gives the same samples for a seed, and others for another", () => {
  const [first, again, other] = [1, 1, 2].map(
    (seed) => griffinLim(mel, { iterations: 2, seed }).samples,
  );
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test("takes a mel that was not divided by normalisers", () => {
  const plain = arMel(speech, { melNorms: null });
  const { samples } = griffinLim(plain, { melNorms: null, iterations: 2 });
  const normalised = griffinLim(mel, { iterations: 2 }).samples;
  const differences = samples.map((sample, i) => Math.abs(sample - (normalised[i] as number)));
  expect(Math.max(...differences)).toBeLessThan(0.01);
});

// The mel takes silence as the logarithm of 1e-5, which is noise of -54 dB.
test("makes of silence nothing that is heard", () => {
  const silence = arMel(new Float32Array(2048));
  const { samples } = griffinLim(silence, { iterations: 3 });
  expect(Math.max(...samples.map(Math.abs))).toBeLessThan(0.003);
});

// Without a fade they begin with 0.16 and end with 0.35.
test("begins and ends without a click where the mel is cut amid sound", () => {
  const { samples } = griffinLim(arMel(speech.subarray(8000, 12_000)), { iterations: 5 });
  const loudest = (part: Float32Array) => Math.max(...part.map(Math.abs));
  expect(loudest(samples)).toBeGreaterThan(0.1);
  expect(loudest(samples.subarray(0, 4))).toBeLessThan(0.01);
  expect(loudest(samples.subarray(-4))).toBeLessThan(0.01);
});

test("leaves the mel as it was", () => {
  const before = mel.data.slice();
  griffinLim(mel, { iterations: 1 });
  expect(mel.data).toEqual(before);
});

const melOf = (bands: number, frames: number, value = 1): Mel => ({
  data: new Float32Array(bands * frames).fill(value),
  bands,
  frames,
});

test.each([
  [
    melOf(100, 5),
    {},
    "griffinLim: the mel is [100, 5] with 500 values; give [80, frames] as arMel does.",
  ],
  [
    { ...melOf(80, 5), frames: 6 },
    {},
    "griffinLim: the mel is [80, 6] with 400 values; give [80, frames] as arMel does.",
  ],
  [melOf(80, 3), {}, "griffinLim: the mel has 3 frames; give at least 4, 35 ms."],
  [
    melOf(80, 4, Number.NaN),
    {},
    "griffinLim: band 0 of frame 0 has the log power NaN; give finite values up to about 9, and melNorms as they were for arMel.",
  ],
  [
    melOf(80, 4, 31),
    { melNorms: null },
    "griffinLim: band 0 of frame 0 has the log power 31; give finite values up to about 9, and melNorms as they were for arMel.",
  ],
  [
    melOf(80, 4),
    { melNorms: new Float32Array(3) },
    "griffinLim: there are 3 normalisers; give one for each of the 80 bands.",
  ],
  [
    melOf(80, 4),
    { iterations: -1 },
    "griffinLim: there are -1 iterations with a momentum of 0.99; give a whole number and a number, both from 0 up.",
  ],
])("refuses what it cannot speak (%#)", (given, options, message) => {
  expect(() => griffinLim(given, options)).toThrow(new VocoderError(message));
});
