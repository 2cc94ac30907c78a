import { tensor } from "./create-tensor.js";
import { type Shape, sizeOf } from "./shape.js";
import type { Tensor } from "./tensor.js";

/** Where a generator stands: all that is needed to go on exactly. */
export interface RandomState {
  readonly key: readonly [number, number];
  readonly counter: number;
}

/**
 * Random numbers from a seed, the same on every platform: Philox 4×32 with 10 rounds (Salmon et al.,
 * "Parallel random numbers: as easy as 1, 2, 3", 2011). The n-th number depends on seed and n alone.
 */
export class Random {
  readonly #key: readonly [number, number];
  #counter = 0;
  #block: Uint32Array = new Uint32Array(4);

  /** @param seed A whole number from 0 to 2^53 - 1. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new RangeError(`Random: seed is ${seed}; give a whole number from 0 to 2^53 - 1`);
    this.#key = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  }

  /** A generator that goes on where `state` was taken. */
  static from({ key: [low, high], counter }: RandomState): Random {
    const random = new Random(high * 2 ** 32 + low);
    random.#counter = counter - (counter % 4);
    if (counter % 4 !== 0) random.#refill();
    random.#counter = counter;
    return random;
  }

  /** Where the generator stands. */
  get state(): RandomState {
    return { key: this.#key, counter: this.#counter };
  }

  /** A generator of its own for a named purpose, independent of how far this one has run. */
  fork(label: string | number): Random {
    let hash = 0x811c9dc5; // FNV-1a
    for (const char of `${this.#key[0]}:${this.#key[1]}:${label}`)
      hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    return new Random((this.#key[0] & 0x1fffff) * 2 ** 32 + hash);
  }

  /** A number in [0, 1), with 32 random bits. */
  next(): number {
    return this.#bits() * 2 ** -32;
  }

  /**
   * A whole number from 0 to below `limit`.
   *
   * @param limit At most 2^32: a number has 32 random bits.
   */
  integer(limit: number): number {
    if (!Number.isInteger(limit) || limit < 1 || limit > 2 ** 32)
      throw new RangeError(`Random.integer: limit is ${limit}; give a whole number from 1 to 2^32`);
    return Math.floor(this.next() * limit);
  }

  /** The items in random order, as a new array (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [result[i], result[j]] = [result[j] as T, result[i] as T];
    }
    return result;
  }

  /** Uniform numbers in [0, 1), float32 (24 bits, so that none rounds up to 1). */
  uniform(shape: Shape): Tensor {
    const data = new Float32Array(sizeOf(shape));
    for (let i = 0; i < data.length; i++) data[i] = this.#fraction();
    return tensor(data, { shape });
  }

  /** Uniform numbers in [-bound, bound), float32: PyTorch's layers begin with such, of bound 1 / √inputs. */
  uniformWithin(shape: Shape, bound: number): Tensor {
    const data = new Float32Array(sizeOf(shape));
    for (let i = 0; i < data.length; i++) data[i] = (2 * this.#fraction() - 1) * bound;
    return tensor(data, { shape });
  }

  /** Numbers of the normal distribution with mean 0 and variance 1, float32 (Box and Muller). */
  normal(shape: Shape): Tensor {
    const data = new Float32Array(sizeOf(shape));
    for (let i = 0; i < data.length; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
      const angle = 2 * Math.PI * this.next();
      data[i] = radius * Math.cos(angle);
      if (i + 1 < data.length) data[i + 1] = radius * Math.sin(angle);
    }
    return tensor(data, { shape });
  }

  #fraction(): number {
    return (this.#bits() >>> 8) * 2 ** -24;
  }

  #bits(): number {
    if (this.#counter % 4 === 0) this.#refill();
    return this.#block[this.#counter++ % 4] as number;
  }

  #refill(): void {
    const n = this.#counter / 4;
    this.#block = philox([n >>> 0, Math.floor(n / 2 ** 32), 0, 0], this.#key);
  }
}

/** Philox 4×32-10: four random words from a counter of four words and a key of two. */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): Uint32Array {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return Uint32Array.of(c0, c1, c2, c3);
}

/** The upper 32 bits of the product of two 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const a1 = a >>> 16;
  const a0 = a & 0xffff;
  const b1 = b >>> 16;
  const b0 = b & 0xffff;
  const middle = a1 * b0 + a0 * b1 + Math.floor((a0 * b0) / 65536);
  return (a1 * b1 + Math.floor(middle / 65536)) >>> 0;
}
