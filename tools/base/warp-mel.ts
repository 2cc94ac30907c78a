import { AR_MEL, MEL_NORMS, type Mel } from "@hawksbill/audio";
import type { Random } from "@hawksbill/core";

/**
 * The mel as if a speaker of another size had said the same at the same pace: all frequencies, those of the
 * voice's pitch and of its formants, times `factor`. What lies above the highest band is taken to be as loud as that.
 *
 * @see Jaitly and Hinton (2013), "Vocal tract length perturbation (VTLP) improves speech recognition"
 */
export function warpMel({ data, bands, frames }: Mel, factor: number): Mel {
  const warped = new Float32Array(data.length);
  for (let band = 0; band < bands; band++) {
    const source = Math.min(bands - 1, Math.max(0, bandAt(centreHz(band) / factor)));
    const low = Math.floor(source);
    const high = Math.min(bands - 1, low + 1);
    const share = source - low;
    // The bands' logarithms are divided by MEL_NORMS: they are comparable only without.
    const lowShare = ((1 - share) * normOf(low)) / normOf(band);
    const highShare = (share * normOf(high)) / normOf(band);
    for (let t = 0; t < frames; t++)
      warped[band * frames + t] =
        lowShare * (data[low * frames + t] as number) +
        highShare * (data[high * frames + t] as number);
  }
  return { data: warped, bands, frames };
}

const normOf = (band: number): number => MEL_NORMS[band] as number;

/** HTK's mel scale, on which the bands' centres are evenly spaced. */
const melOf = (hz: number): number => 2595 * Math.log10(1 + hz / 700);
const hzOf = (mel: number): number => 700 * (10 ** (mel / 2595) - 1);
const step = melOf(AR_MEL.maxHz) / (AR_MEL.bands + 1);
const centreHz = (band: number): number => hzOf((band + 1) * step);
const bandAt = (hz: number): number => melOf(hz) / step - 1;

/** How speakers differ in size, and a little more: 0.85 to 1.25. */
export function randomWarp(random: Random): number {
  const [low, high] = [Math.log(0.85), Math.log(1.25)];
  return Math.exp(low + (high - low) * random.next());
}
