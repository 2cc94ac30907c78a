import type { DecodedAudio, DecodeOptions } from "./audio.js";
import { AudioError } from "./audio-error.js";
import { checkFormat, checkLength, lengthLimit } from "./limits.js";

const convert = "convert it, e.g. ffmpeg -i in.wav -c:a pcm_s16le out.wav";

/** How WAV files start: the usual one, and those for more than 4 GiB. */
export const wavForms: readonly string[] = ["RIFF", "RF64", "BW64"];

/** Format tags of the `fmt ` chunk: mmreg.h of the Windows SDK. */
const pcm = 1;
const ieeeFloat = 3;
const extensible = 0xfffe;

type Format = {
  readonly isFloat: boolean;
  readonly channelCount: number;
  readonly sampleRateHz: number;
  /** Bytes one sample takes in the file, its padding bits included. */
  readonly sampleBytes: number;
};

/**
 * Reads a WAV file: PCM of 8, 16, 24 or 32 bits, or float of 32 or 64 bits, with any number of channels.
 * Sizes that streaming writers leave open are taken as "to the end of the file".
 *
 * @throws {AudioError} It is not a WAV file, is damaged, is too long, or its samples are of another kind.
 */
export function decodeWav(bytes: Uint8Array, options: DecodeOptions = {}): DecodedAudio {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const form = chunkId(view, 0);
  if (!wavForms.includes(form) || chunkId(view, 8) !== "WAVE") {
    throw new AudioError("decodeWav: the bytes do not start with RIFF … WAVE; give a WAV file.");
  }
  let format: Format | undefined;
  let longDataSize: number | undefined; // Files above 4 GiB keep the true size in a chunk of its own.
  let offset = 12;
  while (offset + 8 <= view.byteLength) {
    const id = chunkId(view, offset);
    const size = view.getUint32(offset + 4, true);
    const start = offset + 8;
    const there = view.byteLength - start;
    if (id === "fmt ") format = readFormat(view, start, Math.min(size, there));
    if (id === "ds64" && there >= 16) longDataSize = Number(view.getBigUint64(start + 8, true));
    if (id === "data") {
      if (!format) throw new AudioError("decodeWav: there is no fmt chunk before the data chunk.");
      const isOpen = size === 0xffffffff || (size === 0 && view.getUint32(4, true) === 0);
      const said = isOpen ? (longDataSize ?? there) : size;
      const data = new DataView(view.buffer, view.byteOffset + start, Math.min(said, there));
      return readSamples(data, format, said, options);
    }
    offset = nextChunk(view, start + size);
  }
  const missing = format ? "data" : "fmt";
  throw new AudioError(
    `decodeWav: there is no ${missing} chunk in the ${bytes.length} bytes; the file is cut off or damaged.`,
  );
}

/** Four characters, or "" where the bytes are none (or not there). */
function chunkId(view: DataView, offset: number): string {
  if (offset + 4 > view.byteLength) return "";
  const codes = [0, 1, 2, 3].map((i) => view.getUint8(offset + i));
  return codes.every((code) => code >= 32 && code < 127) ? String.fromCharCode(...codes) : "";
}

/** Chunks start at even offsets; some writers forget the padding byte, so the name of the chunk decides. */
function nextChunk(view: DataView, end: number): number {
  return end % 2 === 0 || chunkId(view, end) !== "" ? end : end + 1;
}

function readFormat(view: DataView, start: number, size: number): Format {
  if (size < 16) {
    throw new AudioError(`decodeWav: the fmt chunk has ${size} bytes; it has at least 16.`);
  }
  const outerTag = view.getUint16(start, true);
  const channelCount = view.getUint16(start + 2, true);
  const sampleRateHz = view.getUint32(start + 4, true);
  const blockBytes = view.getUint16(start + 12, true);
  const bits = view.getUint16(start + 14, true);
  // WAVE_FORMAT_EXTENSIBLE keeps the true tag in the first two bytes of a GUID.
  const tag = outerTag === extensible && size >= 26 ? view.getUint16(start + 24, true) : outerTag;
  checkFormat("WAV", channelCount, sampleRateHz);

  const isFloat = tag === ieeeFloat;
  const sampleBytes = blockBytes / channelCount;
  const wanted = isFloat ? [4, 8] : tag === pcm ? [1, 2, 3, 4] : [];
  if (!wanted.includes(sampleBytes) || bits > sampleBytes * 8 || bits <= sampleBytes * 8 - 8) {
    const hex = `0x${tag.toString(16).padStart(4, "0")}`;
    throw new AudioError(
      `decodeWav: samples are of format ${hex} with ${bits} bits in ${sampleBytes} bytes; PCM (0x0001) of 8, 16, 24 or 32 bits and float (0x0003) of 32 or 64 bits can be read; ${convert}.`,
    );
  }
  return { isFloat, channelCount, sampleRateHz, sampleBytes };
}

function readSamples(
  data: DataView,
  { isFloat, channelCount, sampleRateHz, sampleBytes }: Format,
  saidBytes: number,
  options: DecodeOptions,
): DecodedAudio {
  const blockBytes = channelCount * sampleBytes;
  const sampleCount = Math.floor(data.byteLength / blockBytes);
  checkLength(
    sampleCount,
    lengthLimit(channelCount, sampleRateHz, options.maxSeconds),
    sampleRateHz,
  );
  const read = (isFloat ? floatReaders : pcmReaders)[sampleBytes] as Reader; // readFormat checked it.
  const channels = Array.from({ length: channelCount }, (_, c) => {
    const channel = new Float32Array(sampleCount);
    for (let i = 0; i < sampleCount; i++) {
      channel[i] = read(data, i * blockBytes + c * sampleBytes);
    }
    return channel;
  });
  const warnings =
    saidBytes > data.byteLength
      ? [`The end is missing: ${data.byteLength} of ${saidBytes} bytes of samples are there.`]
      : [];
  return { channels, sampleRateHz, warnings };
}

type Reader = (data: DataView, offset: number) => number;

const floatReaders: { readonly [bytes: number]: Reader } = {
  4: (data, offset) => data.getFloat32(offset, true),
  8: (data, offset) => data.getFloat64(offset, true),
};

const pcmReaders: { readonly [bytes: number]: Reader } = {
  1: (data, offset) => (data.getUint8(offset) - 128) / 2 ** 7, // The only unsigned one.
  2: (data, offset) => data.getInt16(offset, true) / 2 ** 15,
  3: (data, offset) => (data.getInt16(offset + 1, true) * 256 + data.getUint8(offset)) / 2 ** 23,
  4: (data, offset) => data.getInt32(offset, true) / 2 ** 31,
};
