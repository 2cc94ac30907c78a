import { encodeWav } from "@hawksbill/audio";
import { type AudioEncoder, joined } from "./audio-encoder.js";
import { openPcm } from "./pcm.js";

/** Where a WAV file says how long it and its samples are. */
const lengthOffsets = [4, 40] as const;

/** How a WAV file says that it ends where its bytes end. */
const openEnd = 0xffffffff;

/** WAV of 16 bits whose length is left open, as nobody knows it when the first sound is sent. */
export function openWav(sampleRateHz: number): AudioEncoder {
  const pcm = openPcm();
  let header = encodeWav({ samples: new Float32Array(0), sampleRateHz });
  const view = new DataView(header.buffer);
  for (const offset of lengthOffsets) view.setUint32(offset, openEnd, true);
  return {
    ...pcm,
    encode(samples) {
      const bytes = joined([header, pcm.encode(samples)]);
      header = new Uint8Array(0);
      return bytes;
    },
  };
}
