import { applyFilters, type Filters } from "./apply-filters.js";
import { AudioError } from "./audio-error.js";

/** How many zero crossings of the low-pass filter are kept on each side. */
const filterWidth = 6;

/** Where the low-pass filter lies, as a part of the highest frequency both rates hold. */
const rolloff = 0.99;

/** Higher than any recorder's; near it, coprime rates take filters of a hundred megabytes. */
const maxRateHz = 768_000;

/**
 * Changes the sample rate by windowed-sinc interpolation, as torchaudio does.
 *
 * @returns ceil(samples · toHz / fromHz) samples; the given array itself where the rates are equal.
 * @throws {AudioError} A rate is not a whole number from 1 to 768,000.
 * @see torchaudio.functional.resample with its defaults (sinc_interp_hann), which it equals to 1e-5
 */
export function resample(samples: Float32Array, fromHz: number, toHz: number): Float32Array {
  checkRate(fromHz);
  checkRate(toHz);
  if (fromHz === toHz) return samples;
  const divisor = greatestCommonDivisor(fromHz, toHz);
  const from = fromHz / divisor;
  const to = toHz / divisor;
  // Every `from` samples, a group, give `to` new ones, each by a filter of its own.
  const resampled = new Float32Array(Math.ceil((samples.length * to) / from));
  applyFilters(sincFilters(from, to), samples, { groupSize: from, to: resampled });
  return resampled;
}

function checkRate(rateHz: number): void {
  if (Number.isInteger(rateHz) && rateHz >= 1 && rateHz <= maxRateHz) return;
  throw new AudioError(
    `resample: sample rate is ${rateHz} Hz; give a whole number from 1 to ${maxRateHz}, e.g. 22050.`,
  );
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** One filter for each of the `to` places that new samples take among `from` old ones. */
function sincFilters(from: number, to: number): Filters {
  // torchaudio computes its filters in float32; in float64 the result would be 6e-6 away from its own.
  const f32 = Math.fround;
  const cutoff = Math.min(from, to) * rolloff;
  const reach = (filterWidth * from) / cutoff; // In old samples.
  const tapCount = 4 * Math.ceil((Math.floor(2 * reach) + 1) / 4);
  const starts = new Int32Array(to);
  const weights = new Float32Array(to * tapCount);
  for (let phase = 0; phase < to; phase++) {
    const start = Math.ceil((phase * from) / to - reach);
    starts[phase] = start;
    for (let tap = 0; tap < tapCount; tap++) {
      const distance = f32(f32((start + tap) / from) - f32(phase / to));
      const t = f32(distance * f32(cutoff));
      if (Math.abs(t) >= filterWidth) continue; // The window is 0 from there on.
      const angle = f32(t * f32(Math.PI));
      const cosine = f32(Math.cos(f32(angle / filterWidth) / 2));
      const window = f32(f32(cosine * cosine) * f32(cutoff / from));
      const sinc = angle === 0 ? 1 : f32(f32(Math.sin(angle)) / angle);
      weights[phase * tapCount + tap] = sinc * window;
    }
  }
  return { tapCount, starts, weights };
}
