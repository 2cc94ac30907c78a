import { AR_MEL, melFilterbank } from "@hawksbill/audio";
import { expect, test } from "vitest";
import { fitPowers } from "./fit-powers.js";

const bins = 513;
const filters = melFilterbank(AR_MEL);
const melOf = (powers: Float64Array) =>
  Float64Array.from({ length: 80 }, (_, band) =>
    powers.reduce((sum, power, bin) => sum + power * (filters[band * bins + bin] as number), 0),
  );

/** Harmonics of 200 Hz that grow weaker, up to 8 kHz, and nothing at 0 Hz, which no band holds. */
const spectrum = Float64Array.from({ length: bins }, (_, bin) =>
  bin > 0 && bin < 371
    ? (1.1 + Math.cos((2 * Math.PI * bin * 21.53) / 200)) * Math.exp(-bin / 60)
    : 0,
);

test("comes near to the mel from a flat spectrum", () => {
  const wanted = melOf(spectrum);
  const powers = new Float64Array(bins).fill(1);
  fitPowers(powers, wanted, 20);
  const got = melOf(powers);
  const decibels = wanted.map((power, band) => 10 * Math.log10((got[band] as number) / power));
  expect(Math.max(...decibels.map(Math.abs))).toBeLessThan(0.2);
});

test("changes nothing of a spectrum that has the mel already", () => {
  const powers = spectrum.slice();
  fitPowers(powers, melOf(spectrum), 4);
  for (const [bin, power] of powers.entries())
    expect(power).toBeCloseTo(spectrum[bin] as number, 9);
});

test("puts nothing above the highest band", () => {
  const powers = new Float64Array(bins).fill(1);
  fitPowers(powers, new Float64Array(80).fill(1), 1);
  expect(Math.max(...powers.subarray(373))).toBe(0);
  expect(Math.min(...powers.subarray(1, 371))).toBeGreaterThan(0);
});
