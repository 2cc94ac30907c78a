import { expect, test } from "vitest";
import { AudioError } from "./audio-error.js";
import { trimSilence } from "./trim-silence.js";

/** Half a second each of faint noise, a tone, and faint noise again, at 1 kHz. */
const samples = Float32Array.from({ length: 1500 }, (_, i) =>
  i >= 500 && i < 1000 ? Math.sin(i) : 1e-3 * Math.sin(i * i),
);

test("keeps the sound and a little of the silence around it", () => {
  const trimmed = trimSilence({ samples, sampleRateHz: 1000 });
  expect(trimmed.samples).toEqual(samples.slice(450, 1050));
});

test("keeps as much silence as asked for, if it is there", () => {
  const lengths = [0, 0.1, 9].map(
    (keepSeconds) => trimSilence({ samples, sampleRateHz: 1000 }, { keepSeconds }).samples.length,
  );
  expect(lengths).toEqual([500, 700, 1500]);
});

test("takes as silence what the threshold says", () => {
  const trimmed = trimSilence({ samples, sampleRateHz: 1000 }, { thresholdDb: -80 });
  expect(trimmed.samples.length).toBe(1500);
});

test.each([0, 10])("returns %i samples of silence as they are", (length) => {
  const silence = { samples: new Float32Array(length), sampleRateHz: 1000 };
  expect(trimSilence(silence)).toBe(silence);
});

test("refuses a threshold that no sound passes", () => {
  expect(() => trimSilence({ samples, sampleRateHz: 1000 }, { thresholdDb: 3 })).toThrow(
    new AudioError("trimSilence: thresholdDb is 3; give a number below 0."),
  );
});
