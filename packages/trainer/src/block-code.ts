/** Numbers that share a scale. */
export const blockSize = 256;

/** Added to every magnitude, so that the codes of small ones go on evenly down to 0. */
const offset = 2 ** -16;

/**
 * An 8-bit code for blocks of numbers that share a scale, the largest magnitude among them.
 *
 * A code is the sign, the exponent and the first bits of the fraction of a float32: levels lie as
 * close as 1/8 of a number (without sign 1/16) down to 2^-16 of the largest, and evenly from there to 0.
 *
 * @see Dettmers et al., "8-bit Optimizers via Block-wise Quantization", 2022: blocks and levels of this kind.
 */
export class BlockCode {
  /** The number of each code, -1 to 1, to be multiplied by the block's scale. */
  readonly values: Float32Array; // [256]
  /** To be filled with the numbers of a block before they are encoded. */
  readonly block = new Float32Array(blockSize);
  readonly #bits = new Uint32Array(this.block.buffer);
  readonly #form: Form;

  /**
   * @param sign "signed": the highest bit of a code is the number's sign. "positive": nothing but a
   *   block of zeros becomes 0, so that it can be divided by.
   */
  constructor(sign: "signed" | "positive") {
    const signed = sign === "signed";
    const shift = signed ? 20 : 19;
    const highest = signed ? 127 : 255;
    const number = Float32Array.of(offset);
    const bits = new Uint32Array(number.buffer);
    const zero = bits[0] as number;
    const levels = Array.from({ length: highest + 1 }, (_, code) => {
      bits[0] = zero + (code << shift);
      return (number[0] as number) - offset;
    });
    const top = levels[highest] as number;
    this.values = Float32Array.from(
      (signed ? [...levels, ...levels.map((x) => -x)] : levels).map((x) => x / top),
    );
    this.#form = { shift, zero, top, highest, signBit: signed ? 0x80 : 0, least: signed ? 0 : 1 };
  }

  /**
   * Writes the codes of the first `count` numbers of `block` from `codes[start]` on.
   *
   * A number between two levels becomes one of them by chance, so that it is their mean: rounding to
   * the nearest would lose small changes for ever.
   *
   * @param seed Decides the chance: equal seeds give equal codes.
   * @returns The scale, exact in float32.
   */
  encode(count: number, codes: Uint8Array, start: number, seed: number): number {
    const scale = largest(this.block, count);
    if (scale === 0) codes.fill(0, start, start + count);
    else encodeBlock(this.block, this.#bits, count, scale, codes, start, seed, this.#form);
    return scale;
  }
}

interface Form {
  /** Lowest bits of a float32 that a code has no room for. */
  readonly shift: number;
  /** The bits of `offset`, which stand for 0. */
  readonly zero: number;
  /** What the largest number is scaled to. */
  readonly top: number;
  /** The code of `top`. */
  readonly highest: number;
  readonly signBit: number;
  /** What takes the place of code 0. */
  readonly least: number;
}

function largest(block: Float32Array, count: number): number {
  let scale = 0;
  for (let i = 0; i < count; i++) {
    const x = Math.abs(block[i] as number);
    if (x > scale) scale = x;
  }
  return scale;
}

/** Without branches that could go either way: to guess wrong costs more than all the rest. */
function encodeBlock(
  block: Float32Array,
  bits: Uint32Array,
  count: number,
  scale: number,
  codes: Uint8Array,
  start: number,
  seed: number,
  { shift, zero, top, highest, signBit, least }: Form,
): void {
  const factor = top / scale;
  const between = (1 << shift) - 1;
  let chance = Math.imul(seed, 0x9e3779b1); // Of a linear congruential generator.
  for (let i = 0; i < count; i++) {
    const sign = ((bits[i] as number) >>> 24) & signBit;
    block[i] = Math.abs(block[i] as number) * factor + offset;
    chance = (Math.imul(chance, 1664525) + 1013904223) | 0;
    let code = ((bits[i] as number) - zero + ((chance >>> 8) & between)) >> shift;
    if (code > highest) code = highest;
    codes[start + i] = sign | code | (Number(code === 0) & least);
  }
}
