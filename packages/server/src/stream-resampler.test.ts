import { resample } from "@hawksbill/audio";
import { expect, test } from "vitest";
import { StreamResampler } from "./stream-resampler.js";

const noise = Float32Array.from({ length: 3000 }, (_, i) => Math.sin(i * i));

test.each([
  [22_050, 24_000],
  [24_000, 22_050],
  [48_000, 24_000],
  [24_000, 48_000],
  [16_000, 16_000],
])("gives for pieces what resample gives for the whole, %i to %i Hz", (from, to) => {
  const resampler = new StreamResampler(from, to);
  const pieces: number[] = [];

  for (let at = 0, length = 1; at < noise.length; at += length, length = (length * 7) % 501)
    pieces.push(...resampler.push(noise.subarray(at, at + length)));
  pieces.push(...resampler.finish());

  expect(Float32Array.from(pieces)).toEqual(resample(noise, from, to));
});
