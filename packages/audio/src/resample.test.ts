import { expect, test } from "vitest";
import { AudioError } from "./audio-error.js";
import { resample } from "./resample.js";

const sine = (hz: number, rateHz: number, length: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rateHz));

test.each([
  [16_000, 22_050],
  [22_050, 16_000],
  [44_100, 22_050], // One filter.
  [22_050, 22_051], // As many as samples in a second.
])("keeps a tone from %i to %i Hz", (from, to) => {
  const resampled = resample(sine(440, from, 2 * from), from, to);
  const expected = sine(440, to, 2 * to);
  expect(resampled.length).toBe(2 * to);
  // The filter needs six old samples on each side; its passband is flat to a thousandth.
  const distances = resampled.map((x, i) => Math.abs(x - (expected[i] as number)));
  expect(Math.max(...distances.subarray(20, -20))).toBeLessThan(0.005);
});

test("takes out what the lower rate cannot hold", () => {
  const resampled = resample(sine(10_000, 22_050, 2205), 22_050, 16_000);
  expect(Math.max(...resampled.subarray(50, 1500))).toBeLessThan(0.01);
});

test.each([
  [3, 16_000, 22_050, 5],
  [147, 22_050, 24_000, 160],
  [148, 22_050, 24_000, 162],
  [5, 44_100, 22_050, 3],
  [0, 16_000, 22_050, 0],
])("makes of %i samples at %i Hz, at %i Hz, %i", (length, from, to, expected) => {
  expect(resample(new Float32Array(length), from, to).length).toBe(expected);
});

test("gives back the same samples at the same rate", () => {
  const samples = sine(440, 22_050, 10);
  expect(resample(samples, 22_050, 22_050)).toBe(samples);
});

test.each([0, -1, 22_050.5, Number.NaN, 1e9])("refuses a rate of %d Hz", (rateHz) => {
  const error = new AudioError(
    `resample: sample rate is ${rateHz} Hz; give a whole number from 1 to 768000, e.g. 22050.`,
  );
  expect(() => resample(new Float32Array(4), rateHz, 22_050)).toThrow(error);
  expect(() => resample(new Float32Array(4), 22_050, rateHz)).toThrow(error);
});
