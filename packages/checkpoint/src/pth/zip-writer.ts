/** torch maps tensors from files, and wants them at such places; before them it leaves a field of nothing, "FB". */
const alignment = 64;
const fillField = 0x4246;

/** What 32 bits cannot hold is written as this, and the number itself into a further field. */
const in64 = 0xffffffff;
const mostEntries = 0xffff;

interface Written {
  readonly name: Uint8Array;
  readonly bytes: number;
  readonly crc32: number;
  readonly headerOffset: number;
}

/** Makes the parts of a zip archive, in order: for each entry a header, behind which its bytes go; then the end. */
export class ZipWriter {
  readonly #entries: Written[] = [];
  #offset = 0;

  /** What goes before an entry's bytes, which are stored as they are. */
  header(name: string, bytes: number, crc32: number): Uint8Array {
    const entry = {
      name: new TextEncoder().encode(name),
      bytes,
      crc32,
      headerOffset: this.#offset,
    };
    const sizes = bytes >= in64 ? zip64Field([bytes, bytes]) : [];
    const used = this.#offset + 30 + entry.name.length + sizes.length + 4;
    const padding = (alignment - (used % alignment)) % alignment;
    const extra = [...sizes, ...uint16(fillField), ...uint16(padding)];
    const header = Uint8Array.from([
      ...uint32(0x04034b50),
      ...commonFields(entry),
      ...uint16(extra.length + padding),
      ...entry.name,
      ...extra,
      ...new Uint8Array(padding),
    ]);
    this.#entries.push(entry);
    this.#offset += header.length + bytes;
    return header;
  }

  /** What goes behind the last entry: where all are. */
  end(): Uint8Array {
    const start = this.#offset;
    const directory = this.#entries.flatMap(directoryEntry);
    const size = directory.length;
    const count = this.#entries.length;
    const end = start + size;
    const needs64 = count >= mostEntries || end >= in64;
    return Uint8Array.from([
      ...directory,
      ...(needs64 ? end64(count, size, start) : []),
      ...uint32(0x06054b50),
      ...uint32(0),
      ...uint16(Math.min(count, mostEntries)),
      ...uint16(Math.min(count, mostEntries)),
      ...uint32(Math.min(size, in64)),
      ...uint32(Math.min(start, in64)),
      ...uint16(0),
    ]);
  }
}

/** From the version needed to the length of the name, the same in both places. */
function commonFields({ name, bytes, crc32 }: Written): number[] {
  const size = Math.min(bytes, in64);
  const version = bytes >= in64 ? 45 : 20;
  const utf8 = 0x800;
  // No compression; no time, so that the same tensors make the same file: 1 January 1980.
  const [method, time, date] = [0, 0, 0x21];
  return [
    ...[version, utf8, method, time, date].flatMap(uint16),
    ...[crc32, size, size].flatMap(uint32),
    ...uint16(name.length),
  ];
}

function directoryEntry(entry: Written): number[] {
  const { name, bytes, headerOffset } = entry;
  const large = [
    ...(bytes >= in64 ? [bytes, bytes] : []),
    ...(headerOffset >= in64 ? [headerOffset] : []),
  ];
  const extra = large.length > 0 ? zip64Field(large) : [];
  return [
    ...uint32(0x02014b50),
    ...uint16(45),
    ...commonFields(entry),
    ...uint16(extra.length),
    ...new Uint8Array(10), // No comment, the first disk, no attributes.
    ...uint32(Math.min(headerOffset, in64)),
    ...name,
    ...extra,
  ];
}

/** The large numbers of the end, and where they are. */
function end64(count: number, size: number, start: number): number[] {
  return [
    ...uint32(0x06064b50),
    ...uint64(44),
    ...uint16(45),
    ...uint16(45),
    ...uint64(0),
    ...[count, count, size, start].flatMap(uint64),
    ...uint32(0x07064b50),
    ...uint32(0),
    ...uint64(start + size),
    ...uint32(1),
  ];
}

function zip64Field(values: readonly number[]): number[] {
  return [...uint16(1), ...uint16(8 * values.length), ...values.flatMap(uint64)];
}

function uint16(value: number): number[] {
  return [value & 255, value >>> 8];
}

function uint32(value: number): number[] {
  return [...uint16(value & 0xffff), ...uint16(value >>> 16)];
}

function uint64(value: number): number[] {
  return [...uint32(value >>> 0), ...uint32(Math.floor(value / 2 ** 32))];
}
