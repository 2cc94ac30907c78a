import { TACOTRON_RANGE } from "@hawksbill/audio";

/** Natural logs from what the model makes, [-1, 1]: the opposite of `tacotronMel`'s option `normalise`. */
export function toLogMel(normalised: Float32Array): Float32Array {
  const { low, high } = TACOTRON_RANGE;
  return normalised.map((x) => ((x + 1) / 2) * (high - low) + low);
}
