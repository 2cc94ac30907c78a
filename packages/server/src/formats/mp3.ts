import { createMp3Encoder } from "wasm-media-encoders";
import type { AudioEncoder } from "./audio-encoder.js";

/** Kilobits a second: speech is as the original to most ears. */
const bitrate = 128;

/** MP3, by LAME. @param sampleRateHz One of `mp3Rates`. */
export async function openMp3(sampleRateHz: number): Promise<AudioEncoder> {
  const encoder = await createMp3Encoder();
  encoder.configure({ channels: 1, sampleRate: sampleRateHz, bitrate });
  return {
    // What it gives is a window on its memory, which the next call writes over.
    encode: (samples) => encoder.encode([samples]).slice(),
    finish: () => encoder.finalize().slice(),
    free: () => {},
  };
}
