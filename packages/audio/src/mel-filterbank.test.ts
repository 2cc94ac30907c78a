import { expect, test } from "vitest";
import { AudioError } from "./audio-error.js";
import { melFilterbank } from "./mel-filterbank.js";

const options = {
  sampleRateHz: 16_000,
  fftSize: 1024,
  bands: 10,
  minHz: 0,
  maxHz: 8000,
  scale: "slaney",
} as const;

test("makes triangles of area 1", () => {
  const filters = melFilterbank(options);
  const bins = 513;
  for (let band = 0; band < 10; band++) {
    const row = filters.subarray(band * bins, (band + 1) * bins);
    const area = row.reduce((sum, weight) => sum + weight, 0) * (16_000 / 1024);
    expect(area).toBeCloseTo(1, 2); // A sum over bins is the area but for the corners.
  }
});

test("refuses bands that the sample rate does not hold", () => {
  expect(() => melFilterbank({ ...options, maxHz: 8001 })).toThrow(
    new AudioError(
      "melFilterbank: the bands go from 0 to 8001 Hz; give 0 <= minHz < maxHz <= 8000, half of the sample rate.",
    ),
  );
});
