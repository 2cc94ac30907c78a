import { AudioError } from "./audio-error.js";

/** Zero crossings of the sinc on each side, and the pass band's share: torchaudio's defaults. */
const lowpassFilterWidth = 6;
const rolloff = 0.99;

/**
 * Changes the sample rate with a windowed sinc, which removes what the new rate cannot carry.
 *
 * @returns ceil(samples · toHz / fromHz) samples.
 * @throws {AudioError} A rate is not a whole number above 0.
 * @see torchaudio.functional.resample with its defaults, which it equals to 1e-5.
 */
export function resample(samples: Float32Array, fromHz: number, toHz: number): Float32Array {
  for (const rate of [fromHz, toHz]) {
    if (!Number.isInteger(rate) || rate <= 0) {
      throw new AudioError(
        `resample: the sample rate is ${rate} Hz; give a whole number above 0, e.g. 22050.`,
      );
    }
  }
  if (fromHz === toHz) return samples;
  const divisor = gcd(fromHz, toHz);
  const from = fromHz / divisor;
  const to = toHz / divisor;
  const { kernels, width } = sincKernels(from, to);
  const taps = 2 * width + from;
  const out = new Float32Array(Math.ceil((samples.length * to) / from));
  for (let i = 0; i < out.length; i++) {
    const phase = i % to;
    const start = Math.floor(i / to) * from - width;
    const first = Math.max(0, -start);
    const last = Math.min(taps, samples.length - start);
    let sum = 0;
    for (let j = first; j < last; j++) {
      sum += (kernels[phase * taps + j] ?? 0) * (samples[start + j] ?? 0);
    }
    out[i] = sum;
  }
  return out;
}

/** One filter a phase of the output, as float32 as in torchaudio: [to, 2 · width + from]. */
function sincKernels(from: number, to: number): { kernels: Float32Array; width: number } {
  const base = Math.min(from, to) * rolloff;
  const width = Math.ceil((lowpassFilterWidth * from) / base);
  const taps = 2 * width + from;
  const kernels = new Float32Array(to * taps);
  for (let phase = 0; phase < to; phase++) {
    for (let j = 0; j < taps; j++) {
      const raw = (-phase / to + (j - width) / from) * base;
      const t = Math.max(-lowpassFilterWidth, Math.min(lowpassFilterWidth, raw));
      const window = Math.cos((t * Math.PI) / (2 * lowpassFilterWidth)) ** 2;
      const sinc = t === 0 ? 1 : Math.sin(t * Math.PI) / (t * Math.PI);
      kernels[phase * taps + j] = (sinc * window * base) / from;
    }
  }
  return { kernels, width };
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
