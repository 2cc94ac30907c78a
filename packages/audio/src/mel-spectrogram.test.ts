import { expect, test } from "vitest";
import { AudioError } from "./audio-error.js";
import { arMel, tacotronMel } from "./mel-spectrogram.js";

const tone = Float32Array.from({ length: 132_300 }, (_, i) => Math.sin(i / 5));

test("has 517 frames for six seconds, as the original", () => {
  const { bands, frames, data } = arMel(tone);
  expect([bands, frames, data.length]).toEqual([80, 517, 80 * 517]);
});

test("takes silence as the logarithm of 1e-5", () => {
  const silence = new Float32Array(1024);
  expect(arMel(silence, { melNorms: null }).data[0]).toBeCloseTo(Math.log(1e-5), 5);
  expect(tacotronMel(silence).data[0]).toBeCloseTo(Math.log(1e-5), 5);
  expect(tacotronMel(silence, { normalise: true }).data[0]).toBeCloseTo(-1, 5);
});

test("hears nothing in silence beside noise", () => {
  const noise = Float32Array.from({ length: 40 * 256 }, (_, i) => Math.sin(12.9898 * i ** 2));
  const quiet = tacotronMel(new Float32Array(600)).data[0] as number;
  for (let silentFrom = 20; silentFrom < 28; silentFrom++) {
    const { data, frames, bands } = tacotronMel(
      noise.map((x, i) => (i < silentFrom * 256 ? x : 0)),
    );
    // Frame i begins two hops before i.
    for (let band = 0; band < bands; band++)
      for (let frame = silentFrom + 2; frame < frames; frame++)
        expect(data[band * frames + frame]).toBe(quiet);
  }
});

test("hears the same after a waveform that was refused", () => {
  const short = tone.subarray(0, 600);
  const before = arMel(short).data;
  expect(() => arMel(tone.map((x, i) => (i > 2000 ? Number.NaN : x)))).toThrow(AudioError);
  expect(arMel(short).data).toEqual(before);
});

test("clips what the Tacotron mel hears, and not what the AR mel hears", () => {
  const loud = tone.map((sample) => sample * 3);
  expect(tacotronMel(loud).data).toEqual(
    tacotronMel(loud.map((sample) => Math.max(-1, Math.min(1, sample)))).data,
  );
  const loudest = (samples: Float32Array) => Math.max(...arMel(samples, { melNorms: null }).data);
  expect(loudest(loud) - loudest(tone)).toBeCloseTo(Math.log(9), 3);
});

test("leaves its input as it was", () => {
  const loud = new Float32Array(600).fill(2);
  tacotronMel(loud);
  expect(loud[0]).toBe(2);
});

test.each([
  ["arMel", arMel],
  ["tacotronMel", tacotronMel],
] as const)("%s refuses what is too short or no number", (name, mel) => {
  expect(() => mel(new Float32Array(512))).toThrow(
    new AudioError(`${name}: the waveform has 512 samples; give at least 513.`),
  );
  expect(() => mel(new Float32Array(513).fill(Number.NaN))).toThrow(
    new AudioError(`${name}: sample 0 is NaN; give finite samples.`),
  );
});

test("refuses normalisers of another number of bands", () => {
  expect(() => arMel(tone, { melNorms: new Float32Array(100) })).toThrow(
    new AudioError("arMel: there are 100 normalisers; give one for each of the 80 bands."),
  );
});
