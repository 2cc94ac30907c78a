// Where each array begins.
/** int32, [filters]: where a filter begins to read, in samples from the start of a group. */
export let starts: usize = 0;
/** float32, [filters, taps] */
export let weights: usize = 0;
/** float32, of all groups */
export let samples: usize = 0;
/** float32, [groups, filters] */
export let sums: usize = 0;

/** Makes room; arrays lie elsewhere then, and the memory may be a new one. */
export function layOut(
  filterCount: usize,
  tapCount: usize,
  sampleCount: usize,
  groupCount: usize,
): void {
  starts = 0;
  weights = (4 * filterCount + 15) & ~15;
  samples = weights + 4 * filterCount * tapCount;
  sums = samples + 4 * sampleCount;
  const end = sums + 4 * groupCount * filterCount;
  const missing = <i32>((end + 0xffff) >> 16) - memory.size();
  if (missing > 0) memory.grow(missing);
}

/**
 * What each filter gives of each group of samples. Of four groups at a time, each weight is read once.
 *
 * @param groupSize Samples from one group to the next.
 * @param groupCount A multiple of 4, as tapCount.
 */
export function filter(
  filterCount: usize,
  tapCount: usize,
  groupSize: usize,
  groupCount: usize,
): void {
  const step = 4 * groupSize;
  const row = 4 * filterCount;
  for (let group: usize = 0; group < groupCount; group += 4) {
    let weight = weights;
    for (let i: usize = 0; i < filterCount; i++) {
      let at = samples + group * step + 4 * load<u32>(starts + 4 * i);
      const end = weight + 4 * tapCount;
      let a = f32x4.splat(0);
      let b = a;
      let c = a;
      let d = a;
      for (; weight < end; weight += 16) {
        const four = v128.load(weight);
        a = f32x4.add(a, f32x4.mul(four, v128.load(at)));
        b = f32x4.add(b, f32x4.mul(four, v128.load(at + step)));
        c = f32x4.add(c, f32x4.mul(four, v128.load(at + 2 * step)));
        d = f32x4.add(d, f32x4.mul(four, v128.load(at + 3 * step)));
        at += 16;
      }
      const to = sums + group * row + 4 * i;
      store<f32>(to, sum(a));
      store<f32>(to + row, sum(b));
      store<f32>(to + 2 * row, sum(c));
      store<f32>(to + 3 * row, sum(d));
    }
  }
}

function sum(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}
