/// <reference types="node" />
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { AudioError } from "./audio-error.js";
import { decodeWav } from "./decode-wav.js";

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));

/** The 0.05 s that all other fixtures hold too. */
const reference = (decodeWav(fixture("sweep.wav")).channels[0] as Float32Array).subarray(0, 800);

/** What a WAV file is made of, to be put together in unusual ways. */
const latin = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
const u16 = (value: number) => [value & 255, value >> 8];
const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)];
const chunk = (id: string, body: number[], size = body.length) => [
  ...latin(id),
  ...u32(size),
  ...body,
];
const format = ({ tag = 1, channels = 1, rateHz = 8000, bits = 16 } = {}) =>
  chunk("fmt ", [
    ...u16(tag),
    ...u16(channels),
    ...u32(rateHz),
    ...u32((rateHz * channels * bits) / 8),
    ...u16((channels * bits) / 8),
    ...u16(bits),
  ]);
const riff = (...chunks: number[][]) =>
  Uint8Array.from([
    ...latin("RIFF"),
    ...u32(chunks.flat().length + 4),
    ...latin("WAVE"),
    ...chunks.flat(),
  ]);
const data = chunk("data", [...u16(0x4000), ...u16(0xc000)]);
const halves = [Float32Array.of(0.5, -0.5)];

test.each([
  ["pcm8.wav", 1 / 128],
  ["pcm32.wav", 0],
  ["float32.wav", 0],
  ["float64.wav", 0],
])("reads %s as SoX wrote it", (name, tolerance) => {
  const { channels, sampleRateHz, warnings } = decodeWav(fixture(name));
  expect([channels.length, channels[0]?.length, sampleRateHz, warnings]).toEqual([
    1,
    800,
    16_000,
    [],
  ]);
  const distance = Math.max(...reference.map((x, i) => Math.abs(x - (channels[0]?.[i] ?? 9))));
  expect(distance).toBeLessThanOrEqual(tolerance);
});

test("reads 24 bits, two channels and WAVE_FORMAT_EXTENSIBLE", () => {
  const { channels } = decodeWav(fixture("pcm24-stereo.wav"));
  expect(channels).toEqual([reference, reference.map((sample) => sample / 2)]);
});

test("skips chunks it does not know, also of an odd size", () => {
  const padded = [...chunk("LIST", [1, 2, 3]), 0];
  const unpadded = chunk("LIST", [1, 2, 3]);
  expect(decodeWav(riff(padded, format(), padded, data)).channels).toEqual(halves);
  expect(decodeWav(riff(unpadded, format(), unpadded, data)).channels).toEqual(halves);
});

test.each([
  ["0xffffffff", 0xffffffff, 0xffffffff],
  ["0", 0, 0],
])("reads to the end where a streaming writer left the size at %s", (_, riffSize, dataSize) => {
  const bytes = riff(format(), chunk("data", [...u16(0x4000), ...u16(0xc000)], dataSize));
  bytes.set(u32(riffSize), 4);
  const { channels, warnings } = decodeWav(bytes);
  expect(channels).toEqual(halves);
  expect(warnings).toEqual([]);
});

test("takes the size of a long file from its ds64 chunk", () => {
  const ds64 = chunk("ds64", [...u32(0), ...u32(0), ...u32(4), ...u32(0), ...u32(2), ...u32(0)]);
  const open = chunk("data", [...u16(0x4000), ...u16(0xc000)], 0xffffffff);
  const bytes = riff(ds64, format(), open, chunk("LIST", [1, 2]));
  bytes.set(latin("RF64"), 0);
  expect(decodeWav(bytes).channels).toEqual(halves);
});

test("reads what is there of a file that is cut off, and says so", () => {
  const { channels, warnings } = decodeWav(riff(format(), data).subarray(0, -1));
  expect(channels).toEqual([Float32Array.of(0.5)]);
  expect(warnings).toEqual(["The end is missing: 3 of 4 bytes of samples are there."]);
});

test("reads a file without samples", () => {
  expect(decodeWav(riff(format(), chunk("data", []))).channels).toEqual([new Float32Array()]);
});

const samplesOf = (what: string) =>
  `decodeWav: samples are of ${what}; PCM (0x0001) of 8, 16, 24 or 32 bits and float (0x0003) of 32 or 64 bits can be read; convert it, e.g. ffmpeg -i in.wav -c:a pcm_s16le out.wav.`;

test.each([
  [
    Uint8Array.from(latin("MThd")),
    "decodeWav: the bytes do not start with RIFF … WAVE; give a WAV file.",
  ],
  [
    riff(format()),
    "decodeWav: there is no data chunk in the 36 bytes; the file is cut off or damaged.",
  ],
  [riff(), "decodeWav: there is no fmt chunk in the 12 bytes; the file is cut off or damaged."],
  [riff(data), "decodeWav: there is no fmt chunk before the data chunk."],
  [riff(chunk("fmt ", [1, 0])), "decodeWav: the fmt chunk has 2 bytes; it has at least 16."],
  [riff(format({ tag: 0x11, bits: 4 }), data), samplesOf("format 0x0011 with 4 bits in 0 bytes")],
  [riff(format({ tag: 7, bits: 8 }), data), samplesOf("format 0x0007 with 8 bits in 1 bytes")],
  [riff(format({ tag: 3, bits: 16 }), data), samplesOf("format 0x0003 with 16 bits in 2 bytes")],
  [
    riff(format({ channels: 65 }), data),
    "decodeAudio: the WAV header says 65 channels; 1 to 64 can be read. The file may be damaged.",
  ],
  [
    riff(format({ rateHz: 0 }), data),
    "decodeAudio: the WAV header says 0 Hz; 1 to 768000 Hz can be read. The file may be damaged.",
  ],
])("says what is wrong with a file (%#)", (bytes, message) => {
  expect(() => decodeWav(bytes)).toThrow(new AudioError(message));
});

test("refuses more seconds than allowed", () => {
  const bytes = riff(format(), chunk("data", new Array(2 * 8001).fill(0)));
  expect(decodeWav(bytes, { maxSeconds: 2 }).channels[0]?.length).toBe(8001);
  expect(() => decodeWav(bytes, { maxSeconds: 1 })).toThrow(
    new AudioError(
      "decodeAudio: the audio is longer than the limit of 1 s; split the file, or raise maxSeconds (at most 2 GiB of samples can be held).",
    ),
  );
});
