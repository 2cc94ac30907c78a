import { type ByteSource, readBytes } from "../byte-source.js";
import { CheckpointError, quoted } from "../checkpoint-error.js";

/** One file inside an archive, as the directory at the archive's end describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly compressed: boolean;
  /** Of the content; 0 where whoever wrote the archive left it out, as torch can be told to. */
  readonly crc32: number;
  /** Bytes in the archive. */
  readonly storedBytes: number;
  /** Bytes of the content. */
  readonly bytes: number;
  /** Where its own header begins. */
  readonly headerOffset: number;
  /** Where the next entry or the directory begins: its bytes end before. */
  readonly limit: number;
}

// The largest checkpoints have some ten thousand tensors, each an entry of about 100 bytes.
const longestDirectory = 10_000_000;

const endBytes = 22;
const longestComment = 0xffff;
const locatorBytes = 20;
const end64Bytes = 56;
const entryBytes = 46;
export const localHeaderBytes = 30;

/** Stands in a 32-bit field whose value is in a 64-bit one elsewhere. */
const in64 = 0xffffffff;

/**
 * The directory of a zip archive, by name; the archive's other bytes are not read.
 *
 * Everything that could make two readers see different archives is refused: overlaps, repeated names, encryption.
 *
 * @throws {CheckpointError} It is damaged, or is made to deceive.
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export async function readZipDirectory(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const { offset, size, count } = await findDirectory(source);
  const view = viewOf(await readBytes(source, offset, offset + size));
  const fail = (problem: string, entry?: string): never => {
    throw new CheckpointError(source.name, problem, { ...(entry !== undefined && { entry }) });
  };
  const entries: ZipEntry[] = [];
  let position = 0;
  for (let i = 0; i < count; i++) {
    if (position + entryBytes > size || view.getUint32(position, true) !== 0x02014b50)
      fail(`has a damaged directory at entry ${i} of ${count}`);
    const lengths = [28, 30, 32].map((field) => view.getUint16(position + field, true));
    const [nameLength = 0, extraLength = 0, commentLength = 0] = lengths;
    const end = position + entryBytes + nameLength + extraLength + commentLength;
    if (end > size) fail(`has a damaged directory at entry ${i} of ${count}`);
    const name = nameOf(bytesOf(view, position + entryBytes, nameLength), source.name);
    if (isOutside(name)) fail("names a place outside the archive; do not trust this file", name);
    const extra = bytesOf(view, position + entryBytes + nameLength, extraLength);
    const [bytes, storedBytes, headerOffset] = sizesOf(view, position, extra) as NumbersOfEntry;
    const flags = view.getUint16(position + 8, true);
    const method = view.getUint16(position + 10, true);
    if (flags & 1) fail("is encrypted; write the file again without", name);
    if (method !== 0 && method !== 8)
      fail(`is compressed by method ${method}; write the file again without`, name);
    if (method === 0 && bytes !== storedBytes)
      fail(`is said to have both ${bytes} and ${storedBytes} bytes; the file is damaged`, name);
    const crc32 = view.getUint32(position + 16, true);
    const compressed = method === 8;
    entries.push({ name, compressed, crc32, storedBytes, bytes, headerOffset, limit: offset });
    position = end;
  }
  return withLimits(entries, fail);
}

type NumbersOfEntry = [bytes: number, storedBytes: number, headerOffset: number];

/** Where the directory is, from the record at the archive's very end. */
async function findDirectory(
  source: ByteSource,
): Promise<{ offset: number; size: number; count: number }> {
  const tailStart = Math.max(0, source.size - endBytes - longestComment - locatorBytes);
  const tail = viewOf(await readBytes(source, tailStart, source.size));
  let end = tail.byteLength - endBytes;
  while (end >= 0 && !isEnd(tail, end)) end--;
  if (end < 0)
    throw new CheckpointError(
      source.name,
      "has no zip directory at its end; it was cut short: copy or download it again",
    );
  let count = tail.getUint16(end + 10, true);
  let size = tail.getUint32(end + 12, true);
  let offset = tail.getUint32(end + 16, true);
  const locator = end - locatorBytes;
  if (locator >= 0 && tail.getUint32(locator, true) === 0x07064b50) {
    const at = uint64(tail, locator + 8);
    const record =
      at + end64Bytes <= tailStart + locator
        ? viewOf(await readBytes(source, at, at + end64Bytes))
        : undefined;
    if (record?.getUint32(0, true) !== 0x06064b50)
      throw new CheckpointError(source.name, "has a damaged zip64 directory; copy it again");
    count = uint64(record, 32);
    size = uint64(record, 40);
    offset = uint64(record, 48);
  }
  if (offset + size > tailStart + end || count * entryBytes > size)
    throw new CheckpointError(
      source.name,
      `has a zip directory of ${count} entries in ${size} bytes at ${offset}, which does not fit its ${source.size} bytes; it is damaged`,
    );
  if (size > longestDirectory)
    throw new CheckpointError(
      source.name,
      `has a zip directory of ${size} bytes, over the limit of ${longestDirectory}; no checkpoint needs one`,
    );
  return { offset, size, count };
}

function isEnd(tail: DataView, at: number): boolean {
  return (
    tail.getUint32(at, true) === 0x06054b50 &&
    at + endBytes + tail.getUint16(at + 20, true) === tail.byteLength
  );
}

/** Numbers too large for an entry's 32-bit fields follow, in this order, in its zip64 field. */
function sizesOf(view: DataView, position: number, extra: Uint8Array): number[] {
  const field = zip64Field(extra);
  let read = 0;
  return [24, 20, 42].map((at) => {
    const value = view.getUint32(position + at, true);
    if (value !== in64 || field === undefined || read + 8 > field.byteLength) return value;
    read += 8;
    return uint64(field, read - 8);
  });
}

function zip64Field(extra: Uint8Array): DataView | undefined {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1)
      return viewOf(extra.subarray(at + 4, Math.min(extra.length, at + 4 + length)));
    at += 4 + length;
  }
  return undefined;
}

function nameOf(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CheckpointError(file, "has an entry whose name is not UTF-8; it is damaged", {
      cause,
    });
  }
}

/** No entry is ever written to a disk, but an archive that tries is no checkpoint. */
function isOutside(name: string): boolean {
  return /^\/|^[a-z]:|\\|\0/i.test(name) || name.split("/").includes("..");
}

function withLimits(
  entries: readonly ZipEntry[],
  fail: (problem: string, entry?: string) => never,
): Map<string, ZipEntry> {
  const inOrder = entries.toSorted((a, b) => a.headerOffset - b.headerOffset);
  const byName = new Map<string, ZipEntry>();
  for (const [i, entry] of inOrder.entries()) {
    const { name, headerOffset, storedBytes } = entry;
    const limit = inOrder[i + 1]?.headerOffset ?? entry.limit;
    if (headerOffset + localHeaderBytes + storedBytes > limit) {
      const next = inOrder[i + 1];
      const where = next ? `overlaps ${quoted(next.name)}` : "overlaps the directory";
      fail(`has ${storedBytes} bytes at ${headerOffset} and ${where}; the file is damaged`, name);
    }
    if (byName.has(name)) fail("is in the archive twice; do not trust this file", name);
    byName.set(name, { ...entry, limit });
  }
  return byName;
}

export function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

function bytesOf(view: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, length);
}

/** Beyond 2^53 it is no longer exact, but then far outside of any file. */
function uint64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}
