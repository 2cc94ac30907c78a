import { type Audio, type DecodedAudio, type DecodeOptions, toMono } from "./audio.js";
import { AudioError } from "./audio-error.js";
import { type Codec, decodeCompressed } from "./decode-compressed.js";
import { decodeWav, wavForms } from "./decode-wav.js";
import { endOfId3, isMpegFrame } from "./mpeg-header.js";
import { readOggPages } from "./ogg-pages.js";
import { resample } from "./resample.js";

const convert =
  "WAV, FLAC, MP3 and Ogg (Vorbis, Opus, FLAC) can be read; convert it, e.g. ffmpeg -i input output.flac";

/**
 * Reads an audio file: WAV, FLAC, MP3, or Vorbis, Opus or FLAC in Ogg. Its first bytes tell which.
 *
 * @throws {AudioError} The file is of another format, is damaged, or is too long.
 */
export async function decodeAudio(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): Promise<DecodedAudio> {
  const start = endOfId3(bytes);
  if (startsWith(bytes, start, "fLaC")) return decodeFlac(bytes.subarray(start), options);
  if (start > 0 || isMpegFrame(bytes, 0)) return decodeCompressed("MP3", bytes, options);
  if (wavForms.some((form) => startsWith(bytes, 0, form))) return decodeWav(bytes, options);
  if (startsWith(bytes, 0, "OggS")) return decodeOgg(bytes, options);
  throw new AudioError(`decodeAudio: ${describe(bytes)}; ${convert}.`);
}

/**
 * Reads an audio file as one channel, the average of all, at the rate asked for or its own.
 *
 * @throws {AudioError} As decodeAudio; or the file holds no samples.
 */
export async function decodeMono(
  bytes: Uint8Array,
  options: DecodeOptions & { readonly sampleRateHz?: number } = {},
): Promise<Audio> {
  const audio = toMono(await decodeAudio(bytes, options));
  if (audio.samples.length === 0) {
    throw new AudioError("decodeMono: the file holds 0 samples; give one with sound.");
  }
  const { sampleRateHz = audio.sampleRateHz } = options;
  return { samples: resample(audio.samples, audio.sampleRateHz, sampleRateHz), sampleRateHz };
}

async function decodeFlac(bytes: Uint8Array, options: DecodeOptions): Promise<DecodedAudio> {
  const audio = await decodeCompressed("FLAC", bytes, options);
  // The last 36 bits before the checksum of the samples, at a fixed place in the first header.
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const said = (view.getUint8(21) & 15) * 2 ** 32 + view.getUint32(22);
  const there = audio.channels[0]?.length ?? 0;
  if (there >= said) return audio;
  const warning = `Samples are missing: ${there} of ${said} could be read.`;
  return { ...audio, warnings: [...audio.warnings, warning] };
}

async function decodeOgg(bytes: Uint8Array, options: DecodeOptions): Promise<DecodedAudio> {
  const { head, whole, position, warnings } = readOggPages(bytes);
  const codec = oggCodecs.find(([letters]) => startsWith(head, 0, letters))?.[1];
  if (!codec) {
    throw new AudioError(`decodeAudio: the codec in the Ogg file is not known; ${convert}.`);
  }
  const audio = await decodeCompressed(codec, whole, options);
  // Opus counts the samples that warm up its decoder, which the decoder leaves out.
  const preSkip = codec === "Opus" ? (head[10] ?? 0) + 256 * (head[11] ?? 0) : 0;
  // The end of a file of one page is not cut off by the decoder.
  const end = position === undefined ? undefined : Math.max(0, position - preSkip);
  return {
    channels: audio.channels.map((channel) => channel.subarray(0, end)),
    sampleRateHz: audio.sampleRateHz,
    warnings: [...warnings, ...audio.warnings],
  };
}

/** Codecs in Ogg, by how the first packet starts. */
const oggCodecs: readonly (readonly [letters: string, codec: Codec])[] = [
  ["\x01vorbis", "Vorbis"],
  ["OpusHead", "Opus"],
  ["\x7fFLAC", "FLAC"],
];

/** Formats that people try, by where which letters stand. */
const otherFormats: readonly (readonly [offset: number, letters: string, name: string])[] = [
  [4, "ftyp", "an MP4 or M4A file"],
  [0, "\x1aE\xdf\xa3", "a WebM or Matroska file"],
  [0, "FORM", "an AIFF file"],
  [0, "RIFX", "a big-endian WAV file"],
  [0, "caff", "a Core Audio file"],
  [0, "wvpk", "a WavPack file"],
  [0, "#!AMR", "an AMR file"],
  [0, "\xff\xf1", "an AAC file"],
  [0, "\xff\xf9", "an AAC file"],
  [0, "NIST_1A", "a NIST SPHERE file"],
  [0, "version https://git-lfs", "a Git LFS pointer in place of the audio (run git lfs pull)"],
];

function describe(bytes: Uint8Array): string {
  if (bytes.length === 0) return "the file is empty";
  const known = otherFormats.find(([offset, letters]) => startsWith(bytes, offset, letters));
  if (known) return `this is ${known[2]}`;
  const first = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0"));
  return `the format is not known (the file starts with the bytes ${first.join(" ")})`;
}

function startsWith(bytes: Uint8Array, offset: number, letters: string): boolean {
  return [...letters].every((letter, i) => bytes[offset + i] === letter.charCodeAt(0));
}
