/** What the pages of an Ogg file say before any of it is decoded. */
export type OggPages = {
  /** The start of the first packet, which names the codec. */
  readonly head: Uint8Array;
  /** The file without a cut-off last page, from which decoders read noise. */
  readonly whole: Uint8Array;
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
  while (String.fromCharCode(...bytes.subarray(offset, offset + 4)) === "OggS") {
    const body = offset + headerBytes + (bytes[offset + 26] ?? 0);
    const segments = bytes.subarray(offset + headerBytes, body);
    const end = segments.reduce((sum, size) => sum + size, body);
    if (end > bytes.length) break;
    if (!isSound(bytes.slice(offset, end))) {
      warnings.push(`The page at byte ${offset} is damaged: its checksum is wrong.`);
    }
    isEnded = ((bytes[offset + 5] ?? 0) & 4) !== 0;
    offset = end;
  }
  if (!isEnded) warnings.push(`The end is missing: the last whole page ends at byte ${offset}.`);
  const first = headerBytes + (bytes[26] ?? 0);
  return { head: bytes.subarray(first), whole: bytes.subarray(0, offset), warnings };
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
