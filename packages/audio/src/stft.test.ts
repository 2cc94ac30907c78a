import { expect, test } from "vitest";
import { AudioError } from "./audio-error.js";
import { inverseStft, stft } from "./stft.js";

const noise = (length: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * i ** 2) * 0.5);

function expectClose(actual: Float32Array, expected: Float32Array): void {
  for (const [i, sample] of actual.entries()) expect(sample).toBeCloseTo(expected[i] ?? 9, 6);
}

test("equals the sum that defines it", () => {
  const samples = noise(12);
  const { real, imaginary, frames, bins } = stft(samples, { fftSize: 8, hopSamples: 4 });
  expect([frames, bins]).toEqual([4, 5]);
  const mirrored = (at: number) => samples[at < 0 ? -at : at > 11 ? 22 - at : at] ?? Number.NaN;
  for (let frame = 0; frame < frames; frame++) {
    for (let bin = 0; bin < bins; bin++) {
      let re = 0;
      let im = 0;
      for (let i = 0; i < 8; i++) {
        const windowed = mirrored(4 * frame - 4 + i) * Math.sin((Math.PI * i) / 8) ** 2;
        re += windowed * Math.cos((2 * Math.PI * bin * i) / 8);
        im -= windowed * Math.sin((2 * Math.PI * bin * i) / 8);
      }
      expect(real[frame * bins + bin]).toBeCloseTo(re, 6);
      expect(imaginary[frame * bins + bin]).toBeCloseTo(im, 6);
    }
  }
});

test.each([5, 6])("comes back from %i hops, an even or odd number of frames", (hops) => {
  const samples = noise(hops * 256);
  const back = inverseStft(stft(samples));
  expect(back.length).toBe(samples.length);
  expectClose(back, samples);
});

test("takes the nearest waveform of a spectrum that belongs to none", () => {
  const samples = noise(1024);
  const spectrum = stft(samples);
  spectrum.imaginary.fill(1, 0, 1); // No real waveform has an imaginary part at 0 Hz.
  expectClose(inverseStft(spectrum), samples);
});

test("refuses a waveform too short to be mirrored", () => {
  expect(() => stft(new Float32Array(512))).toThrow(
    new AudioError("stft: the waveform has 512 samples; give at least 513."),
  );
});

test("refuses a sample that is no number", () => {
  expect(() => stft(new Float32Array(600).fill(Number.NaN, 7, 8))).toThrow(
    new AudioError("stft: sample 7 is NaN; give finite samples."),
  );
});

test("refuses sizes that cannot be transformed", () => {
  const samples = noise(2000);
  expect(() => stft(samples, { fftSize: 1000 })).toThrow(
    new AudioError("stft: fftSize is 1000; give a power of two, e.g. 1024."),
  );
  expect(() => stft(samples, { hopSamples: 513 })).toThrow(
    new AudioError("stft: hopSamples is 513; give a whole number from 1 to 512."),
  );
});
