// An 8-bit code for blocks of numbers that share a scale, the largest magnitude among them: sign, exponent and the first
// bits of the fraction of a float32. Levels lie as close as 1/8 of a number (without sign 1/16) down to 2^-16 of the
// largest, and evenly from there to 0. Codes with a sign are i8 here, those without u8.

/** Numbers that share a scale. */
export const blockSize: i32 = 256;
/** The most weights of a call. */
export const callSize: i32 = 4096;

// Where each array begins.
export const w: usize = 0;
export const g: usize = callSize * 4;
/** Codes of the mean and of the root of the mean square. */
export const m: usize = callSize * 8;
export const rootV: usize = callSize * 9;
/** A scale a block. */
export const mScale: usize = callSize * 10;
export const rootVScale: usize = mScale + (callSize / blockSize) * 4;
/** New means and roots of a block, before they are encoded. */
const newMeans: usize = callSize * 11;
const newRoots: usize = newMeans + blockSize * 4;

/** Added to every magnitude, so that the codes of small ones go on evenly down to 0. */
const offset: f32 = 1.0 / 65536;
/** The bits of `offset`, which stand for 0. */
const zero: i32 = 0x37800000;

/** A step of AdamW over whole blocks; behind the last weight are zeros. @param seed Decides how codes are rounded. */
export function adamW8bit(
  count: i32,
  seed: i32,
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
  for (let start = 0; start < count; start += blockSize) {
    const length = min(blockSize, count - start);
    const scales = <usize>(start / blockSize) * 4;
    const oldMScale = load<f32>(mScale + scales);
    const oldRootScale = load<f32>(rootVScale + scales);
    for (let i = 0; i < length; i += 4) {
      const at = <usize>(start + i);
      const to = <usize>i * 4;
      const d = f32x4.mul(scale, v128.load(g + 4 * at));
      const oldMean = decode<i8>(m + at, oldMScale);
      const oldRoot = decode<u8>(rootV + at, oldRootScale);
      const mean = f32x4.add(f32x4.mul(keptMean, oldMean), f32x4.mul(newMean, d));
      const square = f32x4.add(
        f32x4.mul(keptSquare, f32x4.mul(oldRoot, oldRoot)),
        f32x4.mul(newSquare, f32x4.mul(d, d)),
      );
      const root = f32x4.sqrt(square);
      v128.store(newMeans + to, mean);
      v128.store(newRoots + to, root);
      const step = f32x4.div(
        f32x4.mul(f32x4.splat(stepSize), mean),
        f32x4.add(f32x4.mul(f32x4.splat(rootScale), root), f32x4.splat(epsilon)),
      );
      const old = v128.load(w + 4 * at);
      const moved = f32x4.sub(old, f32x4.add(f32x4.mul(f32x4.splat(decay), old), step));
      v128.store(w + 4 * at, moved);
    }
    store<f32>(mScale + scales, encode<i8>(newMeans, length, m + start, seed));
    store<f32>(rootVScale + scales, encode<u8>(newRoots, length, rootV + start, seed + 1));
    seed += 2;
  }
}

/** The numbers of four codes. */
function decode<Code>(codes: usize, scale: f32): v128 {
  const bytes = v128.load32_zero(codes);
  const code = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes));
  const magnitude = isSigned<Code>() ? v128.and(code, i32x4.splat(0x7f)) : code;
  const bits = i32x4.add(i32x4.shl(magnitude, shift<Code>()), i32x4.splat(zero));
  const level = f32x4.sub(bits, f32x4.splat(offset));
  const share = f32x4.div(level, f32x4.splat(top<Code>()));
  const sign = isSigned<Code>()
    ? i32x4.shl(v128.andnot(code, i32x4.splat(0x7f)), 24)
    : i32x4.splat(0);
  return v128.or(f32x4.mul(share, f32x4.splat(scale)), sign);
}

/**
 * Writes the codes of numbers. One between two levels becomes one of them by chance, so that it is their mean: rounding
 * to the nearest would lose small changes for ever. Without sign none but in a block of zeros becomes 0, so that it can be
 * divided by.
 *
 * @returns Their scale.
 */
function encode<Code>(numbers: usize, count: i32, codes: usize, seed: i32): f32 {
  const scale = largest(numbers, count);
  const end = numbers + 4 * <usize>count;
  const between = i32x4.splat((1 << shift<Code>()) - 1);
  const least = i32x4.splat(isSigned<Code>() || scale === 0 ? 0 : 1);
  const most = i32x4.splat(highest<Code>());
  const divisor = f32x4.splat(scale === 0 ? 1 : scale); // Its inverse could be too large to multiply by.
  const largestLevel = f32x4.splat(top<Code>());
  let chance = firstChances(seed * 0x9e3779b1);
  for (let at = numbers; at < end; at += 16) {
    const x = v128.load(at);
    const share = f32x4.div(f32x4.abs(x), divisor);
    const scaled = f32x4.add(f32x4.mul(share, largestLevel), f32x4.splat(offset));
    const up = v128.and(i32x4.shr_u(chance, 8), between);
    const level = i32x4.add(i32x4.sub(scaled, i32x4.splat(zero)), up);
    let code = i32x4.min_s(i32x4.shr_s(level, shift<Code>()), most);
    code = i32x4.max_s(code, least);
    if (isSigned<Code>()) code = v128.or(code, v128.and(i32x4.shr_u(x, 24), i32x4.splat(0x80)));
    const pairs = i16x8.narrow_i32x4_u(code, code);
    v128.store32_lane(codes, i8x16.narrow_i16x8_u(pairs, pairs), 0);
    codes += 4;
    chance = i32x4.add(i32x4.mul(chance, i32x4.splat(factor4)), i32x4.splat(summand4));
  }
  return scale;
}

/** Lowest bits of a float32 that a code has no room for. */
function shift<Code>(): i32 {
  return isSigned<Code>() ? 20 : 19;
}

function highest<Code>(): i32 {
  return isSigned<Code>() ? 127 : 255;
}

/** What the largest number is scaled to: the level of the highest code. */
function top<Code>(): f32 {
  return reinterpret<f32>(zero + (highest<Code>() << shift<Code>())) - offset;
}

// A linear congruential generator; each lane is four numbers further every time.
const factor: i32 = 1664525;
const summand: i32 = 1013904223;
const factor2: i32 = factor * factor;
const factor4: i32 = factor2 * factor2;
const summand4: i32 = summand * (factor2 * factor + factor2 + factor + 1);

function firstChances(seed: i32): v128 {
  const first = seed * factor + summand;
  const second = first * factor + summand;
  const third = second * factor + summand;
  let all = i32x4.replace_lane(i32x4.splat(first), 1, second);
  all = i32x4.replace_lane(all, 2, third);
  return i32x4.replace_lane(all, 3, third * factor + summand);
}

/** The largest magnitude. */
function largest(numbers: usize, count: i32): f32 {
  let four = f32x4.splat(0);
  const end = numbers + 4 * <usize>count;
  for (let at = numbers; at < end; at += 16) four = f32x4.max(four, f32x4.abs(v128.load(at)));
  return max(
    max(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1)),
    max(f32x4.extract_lane(four, 2), f32x4.extract_lane(four, 3)),
  );
}

/** To be tested by themselves. */
export function encodeBlock(
  numbers: usize,
  count: i32,
  codes: usize,
  seed: i32,
  withSign: bool,
): f32 {
  if (withSign) return encode<i8>(numbers, count, codes, seed);
  return encode<u8>(numbers, count, codes, seed);
}

export function decodeBlock(
  codes: usize,
  count: i32,
  scale: f32,
  numbers: usize,
  withSign: bool,
): void {
  for (let i: usize = 0; i < <usize>count; i += 4)
    v128.store(
      numbers + 4 * i,
      withSign ? decode<i8>(codes + i, scale) : decode<u8>(codes + i, scale),
    );
}
