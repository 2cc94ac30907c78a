/** Triangular filters, equally spaced on a mel scale, each of area 1 ("slaney" normalisation). */
export type MelFilterbankOptions = {
  readonly sampleRateHz: number;
  /** Of the Fourier transform. */
  readonly size: number;
  readonly bands: number;
  readonly lowHz: number;
  readonly highHz: number;
  /** "htk": 2595 log10(1 + f / 700). "slaney": linear to 1 kHz, logarithmic above. */
  readonly scale: "htk" | "slaney";
};

const scales = {
  htk: {
    toMel: (hz: number) => 2595 * Math.log10(1 + hz / 700),
    toHz: (mel: number) => 700 * (10 ** (mel / 2595) - 1),
  },
  slaney: {
    toMel: (hz: number) =>
      hz < 1000 ? (3 * hz) / 200 : 15 + (27 * Math.log(hz / 1000)) / Math.log(6.4),
    toHz: (mel: number) =>
      mel < 15 ? (200 * mel) / 3 : 1000 * Math.exp(((mel - 15) * Math.log(6.4)) / 27),
  },
} as const;

/**
 * The weights of each Fourier bin in each mel band.
 *
 * @returns [bands, size / 2 + 1].
 * @see librosa.filters.mel(norm="slaney", htk=…), which it equals to 1e-7.
 */
export function melFilterbank(options: MelFilterbankOptions): Float32Array {
  const { sampleRateHz, size, bands, lowHz, highHz, scale } = options;
  const { toMel, toHz } = scales[scale];
  const bins = size / 2 + 1;
  const edges = Float64Array.from({ length: bands + 2 }, (_, i) =>
    toHz(toMel(lowHz) + ((toMel(highHz) - toMel(lowHz)) * i) / (bands + 1)),
  );
  const filters = new Float32Array(bands * bins);
  for (let band = 0; band < bands; band++) {
    const [low = 0, centre = 0, high = 0] = edges.subarray(band, band + 3);
    for (let k = 0; k < bins; k++) {
      const hz = (k * sampleRateHz) / size;
      const height = Math.min((hz - low) / (centre - low), (high - hz) / (high - centre));
      filters[band * bins + k] = (Math.max(0, height) * 2) / (high - low);
    }
  }
  return filters;
}
