import { Inflate } from "fflate";
import { type ByteSource, readBytes } from "../byte-source.js";
import { CheckpointError } from "../checkpoint-error.js";
import { crc32 } from "./crc32.js";
import { localHeaderBytes, readZipDirectory, viewOf, type ZipEntry } from "./zip-directory.js";

// Weights hardly compress; what shrinks more than this, and is not small, is made to fill memory.
const highestRatio = 100;
const alwaysAllowedBytes = 16_000_000;

/** So much is unpacked at once, to at most a thousand times its bytes, before the sum is looked at. */
const packedPiece = 16_384;

/** A zip archive of which parts of entries are read where they lie. */
export class ZipArchive {
  readonly #source: ByteSource;
  readonly #dataOffsets = new Map<ZipEntry, Promise<number>>();

  private constructor(
    source: ByteSource,
    readonly entries: ReadonlyMap<string, ZipEntry>,
  ) {
    this.#source = source;
  }

  /** @throws {CheckpointError} The archive is damaged, or made to deceive. */
  static async open(source: ByteSource): Promise<ZipArchive> {
    return new ZipArchive(source, await readZipDirectory(source));
  }

  /**
   * Where an entry's bytes begin in the file, behind its own header.
   *
   * @throws {CheckpointError} The header is not the one that the directory describes.
   */
  dataOffset(entry: ZipEntry): Promise<number> {
    const known = this.#dataOffsets.get(entry);
    if (known) return known;
    const found = this.#findData(entry);
    this.#dataOffsets.set(entry, found);
    return found;
  }

  async #findData(entry: ZipEntry): Promise<number> {
    const { name, headerOffset, storedBytes, limit } = entry;
    const nameBytes = new TextEncoder().encode(name);
    const end = headerOffset + localHeaderBytes + nameBytes.length;
    const header = await readBytes(this.#source, headerOffset, end);
    const view = viewOf(header);
    const sameName =
      view.getUint16(26, true) === nameBytes.length &&
      header.subarray(localHeaderBytes).every((byte, i) => byte === nameBytes[i]);
    if (view.getUint32(0, true) !== 0x04034b50 || !sameName)
      this.#fail("has a header that is not the one in the directory; the file is damaged", name);
    const offset = end + view.getUint16(28, true);
    if (offset + storedBytes > limit)
      this.#fail(
        `ends at byte ${offset + storedBytes}, behind ${limit} where the next begins`,
        name,
      );
    return offset;
  }

  /**
   * Bytes of an entry's content from `begin` to before `end`, checked against its checksum if they are all of it.
   *
   * @throws {CheckpointError} They are damaged, or the entry is compressed beyond what weights can be.
   */
  async read(entry: ZipEntry, begin = 0, end = entry.bytes): Promise<Uint8Array> {
    const offset = await this.dataOffset(entry);
    if (entry.compressed) return (await this.#decompress(entry, offset)).subarray(begin, end);
    const bytes = await readBytes(this.#source, offset + begin, offset + end);
    if (bytes.length === entry.bytes) this.#check(entry, bytes);
    return bytes;
  }

  async #decompress(entry: ZipEntry, offset: number): Promise<Uint8Array> {
    const { name, bytes, storedBytes } = entry;
    if (bytes > Math.max(alwaysAllowedBytes, highestRatio * storedBytes))
      this.#fail(`would unpack from ${storedBytes} to ${bytes} bytes; no weights shrink so`, name);
    const packed = await readBytes(this.#source, offset, offset + storedBytes);
    const unpacked = new Uint8Array(bytes);
    let filled = 0;
    const inflate = new Inflate((part) => {
      if (filled + part.length > bytes)
        this.#fail(`unpacks to more than its ${bytes} bytes; the file is damaged`, name);
      unpacked.set(part, filled);
      filled += part.length;
    });
    try {
      for (let at = 0; at < storedBytes; at += packedPiece)
        inflate.push(packed.subarray(at, at + packedPiece), at + packedPiece >= storedBytes);
    } catch (cause) {
      if (cause instanceof CheckpointError) throw cause;
      throw new CheckpointError(this.#source.name, "cannot be unpacked; the file is damaged", {
        entry: name,
        cause,
      });
    }
    if (filled !== bytes)
      this.#fail(`unpacks to ${filled} bytes, expected ${bytes}; it is damaged`, name);
    this.#check(entry, unpacked);
    return unpacked;
  }

  #check(entry: ZipEntry, bytes: Uint8Array): void {
    if (entry.crc32 !== 0 && crc32(bytes) !== entry.crc32)
      this.#fail(
        "does not match its checksum; it is damaged: copy or download it again",
        entry.name,
      );
  }

  #fail(problem: string, entry: string): never {
    throw new CheckpointError(this.#source.name, problem, { entry });
  }
}
