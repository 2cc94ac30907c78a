/** The most weights of a call: the four arrays fill a page of memory together, and stay in the cache. */
export const blockSize: i32 = 4096;

/** Where each array begins. */
const w: usize = 0;
const g: usize = blockSize * 4;
const m: usize = blockSize * 8;
const v: usize = blockSize * 12;

/** A step of AdamW, four weights at once; behind the last ones may be anything. */
export function adamW(
  count: i32,
  gradientScale: f32,
  beta1: f64,
  beta2: f64,
  epsilon: f32,
  decay: f32,
  stepSize: f32,
  rootScale: f32,
): void {
  const scale = f32x4.splat(gradientScale);
  const keptMean = f32x4.splat(<f32>beta1);
  const newMean = f32x4.splat(<f32>(1 - beta1));
  const keptSquare = f32x4.splat(<f32>beta2);
  const newSquare = f32x4.splat(<f32>(1 - beta2));
  const end = <usize>count * 4;
  for (let i: usize = 0; i < end; i += 16) {
    const d = f32x4.mul(scale, v128.load(g + i));
    const mean = f32x4.add(f32x4.mul(keptMean, v128.load(m + i)), f32x4.mul(newMean, d));
    const square = f32x4.add(
      f32x4.mul(keptSquare, v128.load(v + i)),
      f32x4.mul(newSquare, f32x4.mul(d, d)),
    );
    v128.store(m + i, mean);
    v128.store(v + i, square);

    const root = f32x4.mul(f32x4.splat(rootScale), f32x4.sqrt(square));
    const step = f32x4.div(
      f32x4.mul(f32x4.splat(stepSize), mean),
      f32x4.add(root, f32x4.splat(epsilon)),
    );
    const old = v128.load(w + i);
    v128.store(w + i, f32x4.sub(old, f32x4.add(f32x4.mul(f32x4.splat(decay), old), step)));
  }
}
