import { expect, test } from "vitest";
import { EightFrames } from "./eight-frames.js";

test("takes logarithms to the last bits of float32", () => {
  const eight = new EightFrames(1024);
  const powers = Float32Array.from({ length: 8 * 513 }, (_, i) => 10 ** (i / 64 - 32));
  for (const [i, power] of powers.entries())
    eight.spectra[16 * Math.floor(i / 8) + (i % 8)] = Math.sqrt(power);
  const bands = Array.from({ length: 513 }, (_, start) => ({ start, weights: Float32Array.of(1) }));
  eight.logBands(bands, { isMagnitude: true, floor: 0 });
  const roots = powers.map(Math.sqrt);
  const distances = roots.map((x, i) => Math.abs((eight.sums[i] as number) - Math.log(x)));
  expect(Math.max(...distances)).toBeLessThan(4e-6); // Logarithms up to 37 have a spacing of 4e-6.
});

test("adds up the magnitudes, or the powers, of a band's bins times their weights", () => {
  const eight = new EightFrames(8);
  for (let bin = 0; bin < 5; bin++)
    for (let frame = 0; frame < 8; frame++) {
      eight.spectra[16 * bin + frame] = 3 * bin;
      eight.spectra[16 * bin + 8 + frame] = -4 * bin;
    }
  const bands = [
    { start: 1, weights: Float32Array.of(1, 0.5) },
    { start: 4, weights: Float32Array.of(2) },
  ];
  const sums = (isMagnitude: boolean) => {
    eight.logBands(bands, { isMagnitude, floor: 1e-5 });
    return [0, 7, 8, 15].map((i) => Math.exp(eight.sums[i] as number));
  };
  for (const [i, sum] of [10, 10, 40, 40].entries()) expect(sums(true)[i]).toBeCloseTo(sum, 4);
  for (const [i, sum] of [75, 75, 800, 800].entries()) expect(sums(false)[i]).toBeCloseTo(sum, 3);
});
