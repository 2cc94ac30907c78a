import flac from "libflacjs/dist/libflac.js";
import { type AudioEncoder, joined } from "./audio-encoder.js";
import { int16 } from "./pcm.js";

/** From 0, the fastest, to 8, the smallest. */
const compression = 5;

/** FLAC of 16 bits, by libFLAC. @throws {Error} It has no memory left. */
export async function openFlac(sampleRateHz: number): Promise<AudioEncoder> {
  if (!flac.isReady()) await new Promise<void>((resolve) => flac.on("ready", () => resolve()));
  const id = flac.create_libflac_encoder(sampleRateHz, 1, 16, compression, 0, false);
  let written: Uint8Array[] = [];
  const take = (): Uint8Array => {
    const bytes = joined(written);
    written = [];
    return bytes;
  };
  const state = flac.init_encoder_stream(id, (bytes) => void written.push(bytes.slice()));
  if (id === 0 || state !== 0) throw new Error(`flac: libFLAC did not begin (state ${state})`);
  return {
    encode(samples) {
      const whole = Int32Array.from(samples, int16);
      flac.FLAC__stream_encoder_process_interleaved(id, whole, whole.length);
      return take();
    },
    finish() {
      flac.FLAC__stream_encoder_finish(id);
      return take();
    },
    free: () => flac.FLAC__stream_encoder_delete(id),
  };
}
