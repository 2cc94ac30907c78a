/** Audio's `TACOTRON_RANGE`: imported, it would bring that package's decoders of compressed files into every build. */
const [low, high] = [Math.log(1e-5), 2.3143386840820312];

/** Natural logs from what the model makes, [-1, 1]: the opposite of `tacotronMel`'s option `normalise`. */
export function toLogMel(normalised: Float32Array): Float32Array {
  return normalised.map((x) => ((x + 1) / 2) * (high - low) + low);
}
