/** Where the ID3v2 tags at the start of a file end; 0 where there are none. */
export function endOfId3(bytes: Uint8Array): number {
  let end = 0;
  while (bytes[end] === 0x49 && bytes[end + 1] === 0x44 && bytes[end + 2] === 0x33) {
    const hasFooter = ((bytes[end + 5] ?? 0) & 0x10) !== 0;
    // Seven bits a byte, so that no size looks like the start of a frame.
    const size = bytes.subarray(end + 6, end + 10).reduce((sum, byte) => sum * 128 + byte, 0);
    end += 10 + size + (hasFooter ? 10 : 0);
  }
  return end;
}

/** Whether a frame of MPEG audio could start here: 11 set bits, then no reserved version or layer. */
export function isMpegFrame(bytes: Uint8Array, offset: number): boolean {
  const second = bytes[offset + 1] ?? 0;
  const version = (second >> 3) & 3;
  const layer = (second >> 1) & 3;
  return bytes[offset] === 0xff && second >= 0xe0 && version !== 1 && layer !== 0;
}

/** How many channels the header of the first frame says there are. */
export function mpegChannelCount(bytes: Uint8Array): 1 | 2 {
  let offset = endOfId3(bytes);
  while (offset < bytes.length && !isMpegFrame(bytes, offset)) offset++;
  return (bytes[offset + 3] ?? 0) >> 6 === 3 ? 1 : 2;
}
