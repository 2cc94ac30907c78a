/// <reference types="node" />
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readTensors } from "../fixtures/safetensors.js";
import { melFilterbank } from "./mel-filterbank.js";
import { MEL_NORMS } from "./mel-norms.js";
import { AR_MEL, arMel, TACOTRON_MEL, tacotronMel } from "./mel-spectrogram.js";
import { resample } from "./resample.js";

/** What torchaudio 0.13.1 and librosa 0.11 computed; see fixtures/FILES.md. The first holds its start. */
const small = new URL("../fixtures/torchaudio.safetensors", import.meta.url);
const whole = new URL("../../../../shared/fixtures/audio.safetensors", import.meta.url);

describe.each([
  {
    name: "the start of torchaudio's and librosa's numbers",
    file: small,
    step: 8,
    resampled: 6000,
  },
  { name: "all of their numbers (needs ../shared)", file: whole, step: 1, resampled: 12_000 },
])("equals $name", ({ file, step, resampled }) => {
  const isThere = existsSync(file);
  const tensors = isThere ? readTensors(file) : {};
  const tensor = (name: string) => tensors[name] as (typeof tensors)[string];
  const samples = (name: string) => tensor(name).data;

  /** The largest difference over the columns that the reference has. */
  function distance(rows: Float32Array, rowCount: number, name: string): number {
    const { data } = tensor(name);
    const width = rows.length / rowCount;
    const expectedWidth = data.length / rowCount;
    expect(width).toBeGreaterThanOrEqual(expectedWidth);
    return data.reduce((largest, value, i) => {
      const at = Math.floor(i / expectedWidth) * width + (i % expectedWidth);
      return Math.max(largest, Math.abs(value - (rows[at] ?? Number.NaN)));
    }, 0);
  }

  // 1e-6: the last bits of float32 sums, whose order differs.
  test.skipIf(!isThere).each([
    [16_000, 22_050],
    [22_050, 16_000],
    [22_050, 24_000],
    [24_000, 22_050],
    [44_100, 22_050],
    [48_000, 22_050],
    [8000, 22_050],
  ])("resampling from %i to %i Hz", (from, to) => {
    const output = resample(samples("inputs.wav").subarray(0, resampled), from, to);
    expect(distance(output, 1, `outputs.resample_${from}_${to}`)).toBeLessThan(1e-6);
  });

  // 2e-4 of a natural logarithm: near-silent bands hold the rounding noise of a float32 transform.
  test.skipIf(!isThere)("the AR mel", () => {
    const wav = samples("inputs.wav");
    const plain = arMel(wav, { melNorms: null });
    expect(distance(arMel(wav).data, 80, "outputs.ar_mel")).toBeLessThan(2e-4);
    expect(distance(plain.data, 80, "outputs.ar_mel_unnormalised")).toBeLessThan(2e-4);
  });

  test.skipIf(!isThere)("the Tacotron mel", () => {
    const wav = samples("inputs.wav_24000_12000samples");
    const normalised = tacotronMel(wav, { normalise: true });
    expect(distance(tacotronMel(wav).data, 100, "outputs.tacotron_mel_24k")).toBeLessThan(2e-4);
    expect(distance(normalised.data, 100, "outputs.tacotron_mel_24k_normalised")).toBeLessThan(
      2e-4,
    );
  });

  // torchaudio computes its filters (the first) in float32, librosa in float64.
  test.skipIf(!isThere).each([
    { bands: 80, options: AR_MEL, tolerance: 1e-7 },
    { bands: 100, options: TACOTRON_MEL, tolerance: 1e-8 },
  ])("the filterbank of $bands bands", ({ bands, options, tolerance }) => {
    const bins = 513;
    const filters = melFilterbank(options).filter((_, i) => Math.floor(i / bins) % step === 0);
    const rows = Math.ceil(bands / step);
    expect(distance(filters, rows, `outputs.mel_filterbank_${bands}`)).toBeLessThan(tolerance);
  });

  test.skipIf(!isThere)("the normalisers", () => {
    expect([...MEL_NORMS]).toEqual([...samples("inputs.mel_norms")]);
  });
});
