import { asInteger, PickleError } from "./python-names.js";

/** The bytes end before the pickle does. */
export class PickleEndError extends PickleError {}

/**
 * What reading may cost, about in bytes of memory: it bounds time and memory together. A checkpoint of ten
 * thousand tensors needs half.
 */
const highestCost = 100_000_000;

/** Python writes longer numbers only where someone computed with them. */
const longestIntegerBytes = 1024;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads the numbers and texts of pickles one after another, and counts what that costs. */
export class PickleBytes {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #cost = 0;

  /** @param position Of the byte that is read next. */
  constructor(
    bytes: Uint8Array,
    public position = 0,
  ) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** @throws {PickleError} With this, the pickles cost more than any checkpoint does. */
  spend(cost: number): void {
    this.#cost += cost;
    if (this.#cost > highestCost)
      throw new PickleError("would take over 100 MB besides its tensors; no checkpoint needs that");
  }

  /** A little-endian number without sign. */
  uint(bytes: 1 | 2 | 4 | 8): number {
    const at = this.skip(bytes);
    if (bytes === 1) return this.#view.getUint8(at);
    if (bytes === 2) return this.#view.getUint16(at, true);
    return bytes === 4 ? this.#view.getUint32(at, true) : Number(this.#view.getBigUint64(at, true));
  }

  /** A number in two's complement, as long as it needs. */
  integer(length: number): number | bigint {
    if (length > longestIntegerBytes)
      throw new PickleError(`has a whole number of ${length} bytes; it is damaged`);
    const digits = this.data(length);
    let value = 0n;
    for (const digit of digits.toReversed()) value = (value << 8n) | BigInt(digit);
    return asInteger(BigInt.asIntN(8 * length, value));
  }

  int32(): number {
    return this.#view.getInt32(this.skip(4), true);
  }

  /** Python writes these big-endian. */
  float64(): number {
    return this.#view.getFloat64(this.skip(8), false);
  }

  text(length: number): string {
    try {
      return utf8.decode(this.data(length));
    } catch (cause) {
      if (cause instanceof PickleError) throw cause;
      throw new PickleError("has a text that is not UTF-8; it is damaged", { cause });
    }
  }

  data(length: number): Uint8Array {
    const at = this.skip(length);
    this.spend(2 * length);
    return this.#bytes.slice(at, at + length);
  }

  /** A name up to the end of its line. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.position);
    if (end < 0) throw new PickleEndError("ends inside a name; it was cut short");
    const text = this.text(end - this.position);
    this.position = end + 1;
    return text;
  }

  /** Where the next bytes begin; goes on behind them. */
  skip(length: number): number {
    const at = this.position;
    if (at + length > this.#bytes.length)
      throw new PickleEndError("ends in the middle; it was cut short");
    this.position = at + length;
    return at;
  }
}
