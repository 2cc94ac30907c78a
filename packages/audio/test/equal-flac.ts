/** Samples of a frame: the most there can be. */
const blockSize = 65_535;

/**
 * A FLAC file of 8 channels at 48 kHz whose samples are all equal: some 35 bytes a frame of 1.4 s, which take 2 MB decoded.
 *
 * @see RFC 9639
 */
export function equalFlac(frames: number): Uint8Array<ArrayBuffer> {
  const size = [blockSize >> 8, blockSize & 0xff];
  // 48 kHz in 20 bits, channels - 1 in 3, bits - 1 in 5; how long it is, and its checksum, are not told.
  const format = [0x0b, 0xb8, 0x0e, 0xf0, 0, 0, 0, 0];
  const info = [...size, ...size, 0, 0, 0, 0, 0, 0, ...format, ...new Array<number>(16).fill(0)];
  const bytes = [...new TextEncoder().encode("fLaC"), 0x80, 0, 0, info.length, ...info];
  for (let n = 0; n < frames; n++) {
    const head = [0xff, 0xf8, 0x7a, 0x78, ...utf8(n), (blockSize - 1) >> 8, (blockSize - 1) & 0xff];
    const frame = [...head, checksum(head, 0x07, 8)];
    for (let channel = 0; channel < 8; channel++) frame.push(0, 0, 1);
    const sum = checksum(frame, 0x8005, 16);
    bytes.push(...frame, sum >> 8, sum & 0xff);
  }
  return Uint8Array.from(bytes);
}

function utf8(n: number): Uint8Array {
  return new TextEncoder().encode(String.fromCodePoint(n));
}

function checksum(bytes: readonly number[], polynomial: number, bits: 8 | 16): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << (bits - 8);
    for (let bit = 0; bit < 8; bit++)
      sum = (sum >> (bits - 1) ? (sum << 1) ^ polynomial : sum << 1) & (2 ** bits - 1);
  }
  return sum;
}
