import { AudioError } from "./audio-error.js";

/** Which mel filters to make. */
export type MelFilterbankOptions = {
  readonly sampleRateHz: number;
  readonly fftSize: number;
  readonly bands: number;
  readonly minHz: number;
  readonly maxHz: number;
  /** The formula of the mel scale: HTK's logarithm, or Slaney's, which is linear below 1 kHz. */
  readonly scale: "htk" | "slaney";
};

/**
 * The weights that turn a spectrum into mel bands: overlapping triangles, evenly spaced on the mel scale,
 * each of area 1 (Slaney's normalisation).
 *
 * @returns [bands, fftSize / 2 + 1]
 * @throws {AudioError} The frequencies are not 0 <= minHz < maxHz <= sampleRateHz / 2.
 * @see librosa.filters.mel(..., norm="slaney"), which it equals to 1e-7
 */
export function melFilterbank(options: MelFilterbankOptions): Float32Array {
  const { sampleRateHz, fftSize, bands, minHz, maxHz, scale } = options;
  if (!(minHz >= 0 && minHz < maxHz && maxHz <= sampleRateHz / 2)) {
    throw new AudioError(
      `melFilterbank: the bands go from ${minHz} to ${maxHz} Hz; give 0 <= minHz < maxHz <= ${sampleRateHz / 2}, half of the sample rate.`,
    );
  }
  const { toMel, toHz } = scales[scale];
  const bins = fftSize / 2 + 1;
  const lowest = toMel(minHz);
  const step = (toMel(maxHz) - lowest) / (bands + 1);
  const corners = Array.from({ length: bands + 2 }, (_, i) => toHz(lowest + i * step));

  const weights = new Float32Array(bands * bins);
  for (let band = 0; band < bands; band++) {
    const [left, centre, right] = corners.slice(band, band + 3) as [number, number, number];
    for (let bin = 0; bin < bins; bin++) {
      const hz = (bin * sampleRateHz) / fftSize;
      const height = Math.min((hz - left) / (centre - left), (right - hz) / (right - centre));
      weights[band * bins + bin] = (Math.max(0, height) * 2) / (right - left);
    }
  }
  return weights;
}

type Scale = { readonly toMel: (hz: number) => number; readonly toHz: (mel: number) => number };

/** Slaney's scale: 3 mel for 200 Hz, then 27 mel for each factor of 6.4. */
const linearEndHz = 1000;
const linearEndMel = 15;
const logStep = Math.log(6.4) / 27;

const scales: { readonly [S in MelFilterbankOptions["scale"]]: Scale } = {
  htk: {
    toMel: (hz) => 2595 * Math.log10(1 + hz / 700),
    toHz: (mel) => 700 * (10 ** (mel / 2595) - 1),
  },
  slaney: {
    toMel: (hz) =>
      hz < linearEndHz ? (hz * 3) / 200 : linearEndMel + Math.log(hz / linearEndHz) / logStep,
    toHz: (mel) =>
      mel < linearEndMel ? (mel * 200) / 3 : linearEndHz * Math.exp((mel - linearEndMel) * logStep),
  },
};
