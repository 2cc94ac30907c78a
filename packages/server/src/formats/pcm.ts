import type { AudioEncoder } from "./audio-encoder.js";

/** Samples as they are, 16 bits each, the low byte first. */
export function openPcm(): AudioEncoder {
  return {
    encode(samples) {
      const bytes = new Uint8Array(2 * samples.length);
      const view = new DataView(bytes.buffer);
      for (const [i, sample] of samples.entries()) view.setInt16(2 * i, int16(sample), true);
      return bytes;
    },
    finish: () => new Uint8Array(0),
    free: () => {},
  };
}

/** A sample in 16 bits; what is louder than full scale is cut. */
export function int16(sample: number): number {
  return Math.max(-0x8000, Math.min(0x7fff, Math.round(sample * 0x8000)));
}
