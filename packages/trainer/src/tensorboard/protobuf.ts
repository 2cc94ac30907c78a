/** A protocol buffer's message, field by field; just what TensorBoard's events need. */
export class ProtobufMessage {
  readonly #bytes: number[] = [];

  /** An int64 from 0 to 2^53 - 1. */
  int64(field: number, value: number): this {
    this.#key(field, 0);
    this.#varint(value);
    return this;
  }

  double(field: number, value: number): this {
    this.#key(field, 1);
    return this.#number(8, (view) => view.setFloat64(0, value, true));
  }

  float(field: number, value: number): this {
    this.#key(field, 5);
    return this.#number(4, (view) => view.setFloat32(0, value, true));
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** Bytes, or a message in this one. */
  bytes(field: number, value: Uint8Array | ProtobufMessage): this {
    const bytes = value instanceof ProtobufMessage ? value.encoded : value;
    this.#key(field, 2);
    this.#varint(bytes.length);
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  get encoded(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #key(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  /** Seven bits a byte, the lowest first; by division, as shifts know 32 bits only. */
  #varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.#bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.#bytes.push(rest);
  }

  #number(size: number, write: (view: DataView) => void): this {
    const view = new DataView(new ArrayBuffer(size));
    write(view);
    this.#bytes.push(...new Uint8Array(view.buffer));
    return this;
  }
}
