/** What the pages of an Ogg file say before any of it is decoded. */
export type OggPages = {
  /** The start of the first packet, which names the codec. */
  readonly head: Uint8Array;
  /** The file without a cut-off last page, from which decoders read noise. */
  readonly whole: Uint8Array;
  /** Samples up to the end of the last page; undefined where several streams follow each other. */
  readonly position: number | undefined;
  readonly warnings: readonly string[];
};

const headerBytes = 27;

/**
 * Walks over the pages of an Ogg file, and checks that they are whole.
 *
 * @see RFC 3533
 */
export function readOggPages(bytes: Uint8Array): OggPages {
  const warnings: string[] = [];
  let offset = 0;
  let isEnded = false;
  let streamCount = 0;
  let position: number | undefined;
  while (String.fromCharCode(...bytes.subarray(offset, offset + 4)) === "OggS") {
    const body = offset + headerBytes + (bytes[offset + 26] ?? 0);
    const segments = bytes.subarray(offset + headerBytes, body);
    const end = segments.reduce((sum, size) => sum + size, body);
    if (end > bytes.length) break;
    // Not slice: of Node's Buffer that is no copy, and the check writes into it.
    if (!isSound(new Uint8Array(bytes.subarray(offset, end)))) {
      warnings.push(`The page at byte ${offset} is damaged: its checksum is wrong.`);
    }
    const flags = bytes[offset + 5] ?? 0;
    if ((flags & 2) !== 0) streamCount++;
    isEnded = (flags & 4) !== 0;
    position = streamCount === 1 ? readPosition(bytes, offset + 6) : undefined;
    offset = end;
  }
  if (!isEnded) warnings.push(`The end is missing: the last whole page ends at byte ${offset}.`);
  const first = headerBytes + (bytes[26] ?? 0);
  return { head: bytes.subarray(first), whole: bytes.subarray(0, offset), position, warnings };
}

/** A number of 64 bits; -1 says that no packet ends on the page. */
function readPosition(bytes: Uint8Array, offset: number): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
  const position = Number(view.getBigInt64(0, true));
  return position >= 0 ? position : undefined;
}

/** The remainders that turn a byte at a time into Ogg's checksum. */
const remainders = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte << 24;
  for (let bit = 0; bit < 8; bit++) rest = rest < 0 ? (rest << 1) ^ 0x04c11db7 : rest << 1;
  return rest;
});

/** Whether a page has the checksum it says, which is taken with zeros in its own place. */
function isSound(page: Uint8Array): boolean {
  const said = new DataView(page.buffer).getInt32(22, true);
  page.fill(0, 22, 26);
  let sum = 0;
  for (const byte of page) sum = (sum << 8) ^ (remainders[(sum >>> 24) ^ byte] as number);
  return sum === said;
}
