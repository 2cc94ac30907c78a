import { AR_MEL, MEL_NORMS, type Mel, melFilterbank } from "@hawksbill/audio";

/** Rounds of the multiplicative update; more change the spectrum by less than a part in a hundred. */
const rounds = 40;

/**
 * A magnitude spectrogram whose mel is the one given, as far as numbers ≥ 0 can have it.
 *
 * The mel has 80 numbers a frame where the spectrum has 513, so many spectra fit. From a flat one,
 * multiplicative updates (Lee and Seung, 2001) reach one that is smooth between the bands.
 *
 * @param mel As `arMel` makes it, [bands=80, frames].
 * @param melNorms What its bands were divided by; null if by nothing.
 * @returns [frames, bins=513].
 */
export function invertMel(mel: Mel, melNorms: Float32Array | null = MEL_NORMS): Float32Array {
  const { bands, frames, data } = mel;
  const bins = AR_MEL.fftSize / 2 + 1;
  const filters = sparseRows(melFilterbank(AR_MEL), bands, bins);
  const magnitudes = new Float32Array(frames * bins);
  const wanted = new Float64Array(bands);
  const power = new Float64Array(bins);
  const up = new Float64Array(bins);
  const down = new Float64Array(bins);
  for (let t = 0; t < frames; t++) {
    for (let band = 0; band < bands; band++)
      wanted[band] = Math.exp((data[band * frames + t] ?? 0) * (melNorms?.[band] ?? 1));
    power.fill(1e-3);
    for (let round = 0; round < rounds; round++) {
      up.fill(0);
      down.fill(0);
      for (let band = 0; band < bands; band++) {
        const { first, weights } = filters[band] as Row;
        let got = 1e-12;
        for (let i = 0; i < weights.length; i++) got += (weights[i] ?? 0) * (power[first + i] ?? 0);
        const ratio = (wanted[band] ?? 0) / got;
        for (let i = 0; i < weights.length; i++) {
          const weight = weights[i] ?? 0;
          up[first + i] = (up[first + i] ?? 0) + weight * ratio;
          down[first + i] = (down[first + i] ?? 0) + weight;
        }
      }
      for (let k = 0; k < bins; k++) {
        const total = down[k] ?? 0;
        power[k] = total > 0 ? ((power[k] ?? 0) * (up[k] ?? 0)) / total : 0; // No band hears this bin.
      }
    }
    for (let k = 0; k < bins; k++) magnitudes[t * bins + k] = Math.sqrt(power[k] ?? 0);
  }
  return magnitudes;
}

/** The part of a filter that is not zero. */
interface Row {
  readonly first: number;
  readonly weights: Float32Array;
}

function sparseRows(filters: Float32Array, bands: number, bins: number): Row[] {
  return Array.from({ length: bands }, (_, band) => {
    const row = filters.subarray(band * bins, (band + 1) * bins);
    const first = Math.max(
      0,
      row.findIndex((weight) => weight > 0),
    );
    return { first, weights: row.subarray(first, row.findLastIndex((weight) => weight > 0) + 1) };
  });
}
