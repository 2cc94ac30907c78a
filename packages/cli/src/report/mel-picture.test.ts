import { decode } from "fast-png";
import { expect, test } from "vitest";
import { colorRange, heightOf, melPicture, pictureMel } from "./mel-picture.js";

test("shows low bands at the bottom, and the loudest as the brightest", () => {
  const mel = { data: Float32Array.of(0, -99, -99, -99), bands: 2, frames: 2 };

  const { width, height, data } = decode(melPicture(mel, colorRange([mel])));

  expect([width, height]).toEqual([2, 2]);
  const pixel = (x: number, y: number): number[] =>
    Array.from(data.slice(3 * (2 * y + x)).slice(0, 3));
  expect(pixel(0, 1)).toEqual([252, 253, 191]); // Magma's brightest, at the lower left.
  expect(pixel(0, 0)).toEqual([0, 0, 4]);
});

test("shows the first frames where only so many are wanted", () => {
  const mel = { data: new Float32Array(6), bands: 2, frames: 3 };

  expect(decode(melPicture(mel, { low: -1, high: 1 }, 2)).width).toBe(2);
});

test("a tone is where the axis says its frequency is", () => {
  const samples = Float32Array.from({ length: 22_050 }, (_, i) => Math.sin((i / 22_050) * 6283.19));
  const { data, bands, frames } = pictureMel(samples);

  const column = Array.from({ length: bands }, (_, band) => data[band * frames + 40] ?? 0);
  const loudest = column.indexOf(Math.max(...column));

  expect(Math.abs((loudest + 0.5) / bands - heightOf(1000))).toBeLessThan(1 / bands);
});

test("covers 60 dB below the loudest of all", () => {
  const mel = (value: number) => ({ data: Float32Array.of(value), bands: 1, frames: 1 });

  const { low, high } = colorRange([mel(1), mel(2)]);

  expect(high).toBe(2);
  expect(low).toBeCloseTo(2 - 13.8155, 4); // 60 dB of power are a factor of a million.
});
