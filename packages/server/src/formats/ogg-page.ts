/** What a page says beside its packets. */
export interface OggPage {
  readonly packets: readonly Uint8Array[];
  /** Samples at 48,000 Hz up to the end of its last packet. */
  readonly granule: number;
  /** Of the stream. */
  readonly serial: number;
  /** How many pages came before. */
  readonly sequence: number;
  readonly place: "first" | "middle" | "last";
}

const headerBytes = 27;

/** Where the checksum stands, which counts as 0 in its own sum. */
const checksumOffset = 22;

/** What a page can hold: 255 segments of 255 bytes, a packet's last one shorter. */
const maxSegments = 255;

/**
 * The bytes of a page of an Ogg file with whole packets in it.
 *
 * @throws {RangeError} The packets are more than a page holds.
 * @see RFC 3533
 */
export function oggPage({ packets, granule, serial, sequence, place }: OggPage): Uint8Array {
  const segments = packets.flatMap(segmentsOf);
  if (segments.length > maxSegments)
    throw new RangeError(
      `oggPage: the packets have ${segments.length} segments, a page holds ${maxSegments}; give fewer`,
    );
  const bodyBytes = packets.reduce((sum, { length }) => sum + length, 0);
  const page = new Uint8Array(headerBytes + segments.length + bodyBytes);
  const view = new DataView(page.buffer);
  page.set(new TextEncoder().encode("OggS"));
  view.setUint8(5, { first: 2, middle: 0, last: 4 }[place]);
  view.setBigUint64(6, BigInt(granule), true);
  view.setUint32(14, serial, true);
  view.setUint32(18, sequence, true);
  view.setUint8(26, segments.length);
  page.set(segments, headerBytes);
  let at = headerBytes + segments.length;
  for (const packet of packets) {
    page.set(packet, at);
    at += packet.length;
  }
  view.setUint32(checksumOffset, checksum(page), true);
  return page;
}

/** How many segments a packet takes. */
export function segmentCount(packet: Uint8Array): number {
  return segmentsOf(packet).length;
}

/** The lengths of a packet's segments: the first that is shorter than 255 ends it. */
function segmentsOf({ length }: Uint8Array): number[] {
  return [...new Array<number>(Math.floor(length / 255)).fill(255), length % 255];
}

/** CRC-32 with the highest bit first, as Ogg has it, from 0 and not inverted. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum = (sum << 8) ^ (table[(sum >>> 24) ^ byte] as number);
  return sum >>> 0;
}

const polynomial = 0x04c11db7;
const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte << 24;
  for (let bit = 0; bit < 8; bit++) sum = (sum << 1) ^ (sum < 0 ? polynomial : 0);
  return sum;
});
