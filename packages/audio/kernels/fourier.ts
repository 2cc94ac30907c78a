// Vectors hold four float32: one number of each of four waves, so that all are transformed at once. A wave has two frames,
// one as real and one as imaginary part: eight in all. The two are neighbours, about as loud as one another, since a loud
// one's rounding errors reach the other.

/** Bytes of a complex number of four waves, or of a number of eight frames. */
const point: usize = 32;

// Where each array begins. Bins are size / 2 + 1.
/** [4.5 * size]: of all eight frames, whose distance is half of a frame at most. */
export let samples: usize = 0;
/** [size] */
export let window: usize = 0;
/** int32, [size]: where each sample of a wave goes, its bits reversed. */
export let order: usize = 0;
/** [size / 2, 2]: cos and -sin of 2 π i / size. */
export let roots: usize = 0;
/** [size, 2 (real, imaginary), 4 waves] */
export let waves: usize = 0;
/** [bins, 2 (real, imaginary), 8 frames] */
export let spectra: usize = 0;
/** [bins, 8 frames] */
export let strengths: usize = 0;
/** int32, [bands, 2]: the first bin of a band, and how many. A band has one at least. */
export let ranges: usize = 0;
/** of one band after the other. A bin is in two at most. */
export let weights: usize = 0;
/** [bands, 8 frames] */
export let sums: usize = 0;

let size: usize = 0;
let end: usize = 0;

/** Makes room for frames of so many samples. */
export function layOut(frameSize: usize): void {
  size = frameSize;
  const bins = size / 2 + 1;
  samples = take(18 * size);
  window = take(4 * size);
  order = take(4 * size);
  roots = take(4 * size);
  waves = take(point * size);
  spectra = take(2 * point * bins);
  strengths = take(point * bins);
  ranges = take(8 * bins);
  weights = take(8 * bins);
  sums = take(point * bins);
  memory.grow(<i32>(end >> 16));
}

function take(bytes: usize): usize {
  const start = end;
  end += (bytes + 15) & ~15;
  return start;
}

/** Bounds samples; what is no number stays. */
export function clip(count: usize, bound: f32): void {
  for (let at = samples; at < samples + 4 * count; at += 16) {
    const bounded = f32x4.min(v128.load(at), f32x4.splat(bound));
    v128.store(at, f32x4.max(bounded, f32x4.splat(-bound)));
  }
}

/** Samples to waves, times the window: even frames as real parts, odd ones, `hop` samples later, as imaginary parts. */
export function cutFrames(hop: usize): void {
  for (let i: usize = 0; i < size; i++) {
    const at = samples + 4 * i;
    const weight = v128.load32_splat(window + 4 * i);
    const to = waves + point * load<u32>(order + 4 * i);
    v128.store(to, f32x4.mul(weight, gather(at, 8 * hop)));
    v128.store(to, f32x4.mul(weight, gather(at + 4 * hop, 8 * hop)), 16);
  }
}

function gather(at: usize, step: usize): v128 {
  let four = v128.load32_zero(at);
  four = v128.load32_lane(at + step, four, 1);
  four = v128.load32_lane(at + 2 * step, four, 2);
  return v128.load32_lane(at + 3 * step, four, 3);
}

/** Fourier transform of the waves in place, from the order of reversed bits, by halves (Cooley and Tukey). */
export function transform(): void {
  const last = waves + point * size;
  let rootStep = 4 * size; // Bytes from one root that is used to the next.
  for (let half = point; half < point * size; half *= 2) {
    for (let block = waves; block < last; block += 2 * half) {
      let root = roots;
      for (let a = block; a < block + half; a += point) {
        const b = a + half;
        const cos = v128.load32_splat(root);
        const sin = v128.load32_splat(root, 4);
        root += rootStep;
        const bReal = v128.load(b);
        const bImaginary = v128.load(b, 16);
        const real = f32x4.sub(f32x4.mul(bReal, cos), f32x4.mul(bImaginary, sin));
        const imaginary = f32x4.add(f32x4.mul(bReal, sin), f32x4.mul(bImaginary, cos));
        const aReal = v128.load(a);
        const aImaginary = v128.load(a, 16);
        v128.store(a, f32x4.add(aReal, real));
        v128.store(a, f32x4.add(aImaginary, imaginary), 16);
        v128.store(b, f32x4.sub(aReal, real));
        v128.store(b, f32x4.sub(aImaginary, imaginary), 16);
      }
    }
    rootStep /= 2;
  }
}

/** Transformed waves to the spectra of their frames: even and odd part about the middle. */
export function takeApart(): void {
  const half = f32x4.splat(0.5);
  for (let bin: usize = 0; bin <= size / 2; bin++) {
    const at = waves + point * bin;
    const mirror = waves + point * ((size - bin) & (size - 1));
    const real = v128.load(at);
    const imaginary = v128.load(at, 16);
    const mirrorReal = v128.load(mirror);
    const mirrorImaginary = v128.load(mirror, 16);
    const to = spectra + 2 * point * bin;
    const evenReal = f32x4.mul(half, f32x4.add(real, mirrorReal));
    const oddReal = f32x4.mul(half, f32x4.add(imaginary, mirrorImaginary));
    const evenImaginary = f32x4.mul(half, f32x4.sub(imaginary, mirrorImaginary));
    const oddImaginary = f32x4.mul(half, f32x4.sub(mirrorReal, real));
    interleave(to, evenReal, oddReal);
    interleave(to + point, evenImaginary, oddImaginary);
  }
}

function interleave(to: usize, even: v128, odd: v128): void {
  v128.store(to, v128.shuffle<f32>(even, odd, 0, 4, 1, 5));
  v128.store(to, v128.shuffle<f32>(even, odd, 2, 6, 3, 7), 16);
}

/** Spectra to the bins' magnitudes, or their squares. */
export function measureBins(isMagnitude: bool): void {
  let at = spectra;
  for (let to = strengths; to < ranges; to += point) {
    for (let two: usize = 0; two < point; two += 16) {
      const real = v128.load(at + two);
      const imaginary = v128.load(at + two, 32);
      const power = f32x4.add(f32x4.mul(real, real), f32x4.mul(imaginary, imaginary));
      v128.store(to + two, isMagnitude ? f32x4.sqrt(power) : power);
    }
    at += 2 * point;
  }
}

/** Strengths to the sums of bands, each bin times its weight. */
export function sumBands(bands: usize): void {
  let weight = weights;
  for (let band: usize = 0; band < bands; band++) {
    let bin = strengths + point * load<u32>(ranges + 8 * band);
    let first = f32x4.splat(0);
    let second = f32x4.splat(0);
    for (let count = load<u32>(ranges + 8 * band, 4); count > 0; count--) {
      const factor = v128.load32_splat(weight);
      first = f32x4.add(first, f32x4.mul(factor, v128.load(bin)));
      second = f32x4.add(second, f32x4.mul(factor, v128.load(bin, 16)));
      weight += 4;
      bin += point;
    }
    v128.store(sums + point * band, first);
    v128.store(sums + point * band, second, 16);
  }
}

/** Natural logarithms of the sums in place, of none as smaller than `floor`. */
export function logSums(bands: usize, floor: f32): void {
  for (let at = sums; at < sums + point * bands; at += 16)
    v128.store(at, log(f32x4.max(v128.load(at), f32x4.splat(floor))));
}

/** Natural logarithm of normal numbers above 0. */
function log(x: v128): v128 {
  // x = 2^n m, with m from √½ to √2, whose bits begin with those of √½.
  const above = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const n = i32x4.shr_s(above, 23);
  const m = i32x4.sub(x, i32x4.shl(n, 23));
  // log m = 2 artanh s = 2 (s + s³ / 3 + s⁵ / 5 …); |s| < 0.172, the term of s¹¹ is below float32's rounding.
  const one = f32x4.splat(1);
  const s = f32x4.div(f32x4.sub(m, one), f32x4.add(m, one));
  const z = f32x4.mul(s, s);
  let series = f32x4.splat(1.0 / 9);
  series = f32x4.add(f32x4.mul(series, z), f32x4.splat(1.0 / 7));
  series = f32x4.add(f32x4.mul(series, z), f32x4.splat(1.0 / 5));
  series = f32x4.add(f32x4.mul(series, z), f32x4.splat(1.0 / 3));
  series = f32x4.add(f32x4.mul(series, z), one);
  const logM = f32x4.mul(f32x4.mul(f32x4.splat(2), s), series);
  return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(n), f32x4.splat(<f32>Math.LN2)), logM);
}
