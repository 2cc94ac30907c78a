import type { Audio, DecodedAudio } from "./audio.js";
import { AudioError } from "./audio-error.js";

/** How samples are written: PCM of so many bits, or 32-bit float, which keeps them exactly. */
export type WavBits = 16 | 24 | 32 | "float";

/**
 * Writes audio as the bytes of a WAV file. PCM clips at full scale; float does not.
 *
 * @throws {AudioError} A sample is not a number, or the file would pass the 4 GiB a WAV can hold.
 */
export function encodeWav(
  audio: Audio | Pick<DecodedAudio, "channels" | "sampleRateHz">,
  options: { readonly bits?: WavBits } = {},
): Uint8Array<ArrayBuffer> {
  const channels = "samples" in audio ? [audio.samples] : audio.channels;
  const sampleCount = channels[0]?.length ?? 0;
  check(channels, sampleCount, audio.sampleRateHz);

  const bits = options.bits ?? 16;
  const isFloat = bits === "float";
  const sampleBytes = isFloat ? 4 : bits / 8;
  const blockBytes = channels.length * sampleBytes;
  const dataBytes = sampleCount * blockBytes;
  const headerBytes = 44;
  const totalBytes = headerBytes + dataBytes + (dataBytes % 2);
  if (totalBytes >= 2 ** 32) {
    throw new AudioError(
      `encodeWav: ${totalBytes} bytes are more than the 4 GiB a WAV file holds; split it.`,
    );
  }

  const view = new DataView(new ArrayBuffer(totalBytes));
  const text = (offset: number, name: string) => {
    for (let i = 0; i < name.length; i++) view.setUint8(offset + i, name.charCodeAt(i));
  };
  text(0, "RIFF");
  view.setUint32(4, totalBytes - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, isFloat ? 3 : 1, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, audio.sampleRateHz, true);
  view.setUint32(28, audio.sampleRateHz * blockBytes, true);
  view.setUint16(32, blockBytes, true);
  view.setUint16(34, sampleBytes * 8, true);
  text(36, "data");
  view.setUint32(40, dataBytes, true);

  const write = writers[bits];
  channels.forEach((channel, c) => {
    const start = headerBytes + c * sampleBytes;
    for (const [i, sample] of channel.entries()) write(view, start + i * blockBytes, sample);
  });
  return new Uint8Array(view.buffer);
}

function check(channels: readonly Float32Array[], sampleCount: number, sampleRateHz: number): void {
  if (channels.length === 0 || channels.length > 0xffff) {
    throw new AudioError(`encodeWav: there are ${channels.length} channels; give 1 to 65535.`);
  }
  if (!Number.isInteger(sampleRateHz) || sampleRateHz < 1 || sampleRateHz > 0xffffffff) {
    throw new AudioError(
      `encodeWav: sample rate is ${sampleRateHz} Hz; give a whole number above 0, e.g. 22050.`,
    );
  }
  channels.forEach((channel, c) => {
    if (channel.length !== sampleCount) {
      throw new AudioError(
        `encodeWav: channel ${c} has ${channel.length} samples and channel 0 has ${sampleCount}; give channels of one length.`,
      );
    }
    const bad = channel.findIndex((sample) => !Number.isFinite(sample));
    if (bad >= 0) {
      throw new AudioError(
        `encodeWav: sample ${bad} of channel ${c} is ${channel[bad]}; give finite samples.`,
      );
    }
  });
}

/** Full scale is 2^(bits - 1), as in decoding, so that decode and encode undo each other exactly. */
function quantise(sample: number, bits: number): number {
  const scale = 2 ** (bits - 1);
  return Math.max(-scale, Math.min(scale - 1, Math.round(sample * scale)));
}

const writers: { [B in WavBits]: (view: DataView, offset: number, sample: number) => void } = {
  16: (view, offset, sample) => view.setInt16(offset, quantise(sample, 16), true),
  24: (view, offset, sample) => {
    const value = quantise(sample, 24);
    view.setUint8(offset, value & 0xff);
    view.setInt16(offset + 1, value >> 8, true);
  },
  32: (view, offset, sample) => view.setInt32(offset, quantise(sample, 32), true),
  float: (view, offset, sample) => view.setFloat32(offset, sample, true),
};
