import { MEL_NORMS, type Mel } from "@hawksbill/audio";

/** Of the cosine transform of a frame: what tells one sound of speech from another. */
const cepstra = 13;

/**
 * What `reference` says, at the pace of `mel`, which says the same words in another voice: each frame of the
 * result is the mean of those that dynamic time warping finds for one frame of `mel`. Of as many frames as `mel`.
 *
 * @see Sakoe and Chiba (1978), "Dynamic programming algorithm optimization for spoken word recognition"
 */
export function alignMel(reference: Mel, mel: Mel): Mel {
  const path = warpingPath(features(mel), features(reference));
  const data = new Float32Array(mel.bands * mel.frames);
  const counts = new Float32Array(mel.frames);
  for (const [t] of path) counts[t] = (counts[t] as number) + 1;
  for (const [t, u] of path)
    for (let band = 0; band < mel.bands; band++) {
      const i = band * mel.frames + t;
      const value = reference.data[band * reference.frames + u] as number;
      data[i] = (data[i] as number) + value / (counts[t] as number);
    }
  return { data, bands: mel.bands, frames: mel.frames };
}

/** Cepstra of each frame, each with mean 0 and variance 1 over the clip: so voices can be compared. */
function features({ data, bands, frames }: Mel): Float32Array[] {
  const all = Array.from({ length: frames }, () => new Float32Array(cepstra));
  for (let c = 0; c < cepstra; c++) {
    const weights = Array.from(
      { length: bands },
      (_, band) => Math.cos((Math.PI * c * (band + 0.5)) / bands) * (MEL_NORMS[band] as number),
    );
    let [sum, squares] = [0, 0];
    for (const [t, frame] of all.entries()) {
      let value = 0;
      for (const [band, weight] of weights.entries())
        value += weight * (data[band * frames + t] as number);
      frame[c] = value;
      sum += value;
      squares += value * value;
    }
    const mean = sum / frames;
    const deviation = Math.sqrt(Math.max(squares / frames - mean * mean, 1e-6));
    for (const frame of all) frame[c] = ((frame[c] as number) - mean) / deviation;
  }
  return all;
}

/** Pairs of frames, from both ends' last to their first; steps that hold one of the two cost as much as both going on. */
function warpingPath(a: readonly Float32Array[], b: readonly Float32Array[]): [number, number][] {
  const width = b.length + 1;
  const costs = new Float32Array((a.length + 1) * width).fill(Number.POSITIVE_INFINITY);
  costs[0] = 0;
  for (const [i, x] of a.entries())
    for (const [j, y] of b.entries()) {
      let distance = 0;
      for (let c = 0; c < cepstra; c++) distance += ((x[c] as number) - (y[c] as number)) ** 2;
      const at = (i + 1) * width + j + 1;
      const [both, held, skipped] = [costs[at - width - 1], costs[at - width], costs[at - 1]];
      costs[at] = Math.sqrt(distance) + Math.min(both as number, held as number, skipped as number);
    }
  const path: [number, number][] = [];
  for (let [i, j] = [a.length, b.length]; i > 0 && j > 0; ) {
    path.push([i - 1, j - 1]);
    const at = i * width + j;
    const [both, held, skipped] = [costs[at - width - 1], costs[at - width], costs[at - 1]];
    if ((both as number) <= (held as number) && (both as number) <= (skipped as number)) {
      i--;
      j--;
    } else if ((held as number) <= (skipped as number)) i--;
    else j--;
  }
  return path;
}
