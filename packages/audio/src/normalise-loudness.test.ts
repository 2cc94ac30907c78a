import { expect, test } from "vitest";
import { AudioError } from "./audio-error.js";
import { normaliseLoudness } from "./normalise-loudness.js";

const audio = { samples: Float32Array.of(0.1, -0.2, 0.1, 0.2), sampleRateHz: 22_050 };

test("brings the loudest sample to the level", () => {
  const { samples } = normaliseLoudness(audio, { levelDb: -6 });
  expect(Math.max(...samples.map(Math.abs))).toBeCloseTo(10 ** (-6 / 20), 6);
});

test("brings the mean power to the level", () => {
  const { samples } = normaliseLoudness(audio, { measure: "rms", levelDb: -20 });
  const power = samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length;
  expect(10 * Math.log10(power)).toBeCloseTo(-20, 4);
});

test("never lets a sample pass full scale", () => {
  const { samples } = normaliseLoudness(audio, { measure: "rms", levelDb: 0 });
  expect(Math.max(...samples.map(Math.abs))).toBeCloseTo(1, 6);
});

test("leaves silence silent", () => {
  const silence = { samples: new Float32Array(3), sampleRateHz: 22_050 };
  expect(normaliseLoudness(silence)).toBe(silence);
});

test("refuses a level above full scale", () => {
  expect(() => normaliseLoudness(audio, { levelDb: 1 })).toThrow(
    new AudioError("normaliseLoudness: levelDb is 1; give 0 or a number below."),
  );
});
