/** A mel spectrogram as `tacotronMel` of @hawksbill/audio makes it: natural logs, [bands, frames], row-major. */
export interface Mel {
  readonly data: Float32Array;
  readonly bands: number;
  readonly frames: number;
}

/** What the released model knows as -1 and 1: the logs of the floor of a mel and of its loudest band. */
const range = { low: Math.log(1e-5), high: 2.3143386840820312 };

/** Natural logs from what the model makes, [-1, 1]: the opposite of `tacotronMel`'s option `normalise`. */
export function toLogMel(normalised: Float32Array): Float32Array {
  return normalised.map((x) => ((x + 1) / 2) * (range.high - range.low) + range.low);
}
