import { expect, test } from "vitest";
import { melPicture, wavePicture } from "./pictures.js";

test("a wave's parts hold their lowest and highest samples", () => {
  const samples = Float32Array.of(0, 0.5, -0.25, 0, 0, -1, 0.75, 0);
  expect([...wavePicture(samples, 2)]).toEqual([-0.25, 0.5, -1, 0.75]);
});

test("a wave shorter than its parts is drawn all the same", () => {
  expect(wavePicture(Float32Array.of(0.5), 3)).toHaveLength(6);
});

test("a tone is a bright line in a dark mel", () => {
  const tone = Float32Array.from({ length: 22_050 }, (_, i) =>
    Math.sin((2 * Math.PI * 1000 * i) / 22_050),
  );

  const { width, height, rgba } = melPicture(tone);
  const middle = Array.from({ length: height }, (_, y) => rgba[4 * (y * width + 40)] ?? 0);

  expect([width, height]).toEqual([87, 80]);
  // 1000 Hz lie 35 % of the mel scale up to 8 kHz: the 28th of 80 bands from below.
  expect(Math.abs(middle.indexOf(Math.max(...middle)) - (79 - 28))).toBeLessThanOrEqual(1);
  expect(middle.at(0)).toBeLessThan(20);
});
