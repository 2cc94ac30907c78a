/** "fLaC" and the header of a metadata block, each 4 bytes. */
const wordBytes = 4;

/** As many as the parser wants to see behind the start of a header. */
const zeros = 32;

/**
 * A native FLAC file with the header of one more frame behind its end. The parser takes a frame for complete when
 * another header follows; at the end of a file it loses very short frames, and those with 0xff near their end.
 *
 * @see codec-parser 2.5.0, whose `readRawData` waits for a byte more than there is
 */
export function withHeaderAfterEnd(bytes: Uint8Array): Uint8Array {
  const header = firstFrameHeader(bytes);
  const longer = new Uint8Array(bytes.length + header.length + zeros);
  longer.set(bytes);
  longer.set(header, bytes.length);
  return longer;
}

/** The first frame's header; empty if there is none where it should be. */
function firstFrameHeader(bytes: Uint8Array): Uint8Array {
  let start = wordBytes;
  for (let last = false; !last; ) {
    const [kind = 0x80, high = 0, middle = 0, low = 0] = bytes.subarray(start, start + wordBytes);
    last = (kind & 0x80) !== 0;
    start += wordBytes + ((high << 16) | (middle << 8) | low);
  }
  const sizes = bytes[start + 2] ?? 0; // Codes of block size and sample rate.
  const isFrame = bytes[start] === 0xff && ((bytes[start + 1] ?? 0) & 0xfe) === 0xf8;
  if (!isFrame) return new Uint8Array();
  const blockSize = { 6: 1, 7: 2 }[sizes >> 4] ?? 0;
  const sampleRate = { 12: 1, 13: 2, 14: 2 }[sizes & 15] ?? 0;
  // Sync and codes, the number of the frame (0), what the codes left to be told, and a checksum.
  return bytes.subarray(start, start + 4 + 1 + blockSize + sampleRate + 1);
}
