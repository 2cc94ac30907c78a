/// <reference types="node" />
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { equalFlac } from "../test/equal-flac.js";
import { AudioError } from "./audio-error.js";
import { decodeAudio, decodeMono } from "./decode-audio.js";
import { resample } from "./resample.js";

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));
const latin = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** The sweep that every file holds: 0.3 s at 16 kHz. */
const sweep = (await decodeAudio(fixture("sweep.wav"))).channels[0] as Float32Array;

/** How much stronger the reference is than the difference to it, in decibels. */
function signalToNoise(decoded: Float32Array, reference: Float32Array): number {
  const power = (samples: Float32Array) => samples.reduce((sum, x) => sum + x * x, 0);
  const noise = reference.map((x, i) => x - (decoded[i] ?? 0));
  return 10 * Math.log10(power(reference) / power(noise));
}

test.each(["sweep.flac", "sweep.oga"])("reads %s without loss", async (name) => {
  expect(await decodeAudio(fixture(name))).toEqual({
    channels: [sweep],
    sampleRateHz: 16_000,
    warnings: [],
  });
});

test("reads the last frame of FLAC even if it has 11 bytes", async () => {
  const { channels, warnings } = await decodeAudio(fixture("short-end.flac"));
  expect(warnings).toEqual([]);
  expect(channels[0]).toHaveLength(4096 + 32);
  expect(channels[0]?.subarray(4096)).toEqual(new Float32Array(32));
});

test("reads FLAC of 24 bits and two channels as the WAV it was made from", async () => {
  expect(await decodeAudio(fixture("pcm24-stereo.flac"))).toEqual(
    await decodeAudio(fixture("pcm24-stereo.wav")),
  );
});

// The encoders' loss at these bit rates; a shift by one sample would leave less than 10 dB.
test.each([
  ["sweep.mp3", 16_000, 15],
  ["sweep.ogg", 16_000, 15],
  ["sweep.opus", 48_000, 15],
])("reads %s in place, at %i Hz", async (name, rateHz, decibels) => {
  const { channels, sampleRateHz, warnings } = await decodeAudio(fixture(name));
  expect([channels.length, sampleRateHz, warnings]).toEqual([1, rateHz, []]);
  const reference = resample(sweep, 16_000, rateHz);
  expect(channels[0]?.length).toBe(reference.length);
  expect(signalToNoise(channels[0] as Float32Array, reference)).toBeGreaterThan(decibels);
});

test("keeps the channels of MP3 apart", async () => {
  const { channels } = await decodeAudio(fixture("stereo.mp3"));
  expect(channels.length).toBe(2);
  const [left, right] = channels as [Float32Array, Float32Array];
  expect(
    signalToNoise(
      right,
      left.map((sample) => sample / 2),
    ),
  ).toBeGreaterThan(20);
});

test("skips ID3 tags", async () => {
  const tag = [...latin("ID3"), 4, 0, 0, 0, 0, 1, 2, ...new Array(130).fill(0xff)];
  for (const name of ["sweep.mp3", "sweep.flac"]) {
    const tagged = Uint8Array.from([...tag, ...fixture(name)]);
    expect(await decodeAudio(tagged)).toEqual(await decodeAudio(fixture(name)));
  }
});

test("mixes to one channel at the rate asked for", async () => {
  const { channels } = await decodeAudio(fixture("pcm24-stereo.wav"));
  const mixed = (channels[0] as Float32Array).map((sample) => sample * 0.75);
  const audio = await decodeMono(fixture("pcm24-stereo.wav"), { sampleRateHz: 22_050 });
  expect(audio).toEqual({ samples: resample(mixed, 16_000, 22_050), sampleRateHz: 22_050 });
  expect((await decodeMono(fixture("sweep.mp3"))).sampleRateHz).toBe(16_000);
});

test("reads what is left of a file that is cut off, and says what is missing", async () => {
  const flac = fixture("sweep.flac");
  const { channels, warnings } = await decodeAudio(flac.subarray(0, flac.length - 100));
  expect(warnings).toEqual(["Samples are missing: 4096 of 4800 could be read."]);
  expect(channels).toEqual([sweep.subarray(0, 4096)]);
});

test.each(["sweep.ogg", "sweep.opus", "sweep.flac", "sweep.mp3"])(
  "reads %s from a Buffer as from other bytes, and changes none of them",
  async (name) => {
    const buffer = Buffer.from(fixture(name)); // In Node's pool, where it does not begin at 0.
    expect(await decodeAudio(buffer)).toEqual(await decodeAudio(fixture(name)));
    expect(new Uint8Array(buffer)).toEqual(new Uint8Array(fixture(name)));
  },
);

test("says which page of an Ogg file is damaged", async () => {
  const ogg = fixture("sweep.ogg");
  ogg[ogg.length - 100] = 0;
  const { warnings } = await decodeAudio(ogg);
  expect(warnings).toEqual(["The page at byte 3707 is damaged: its checksum is wrong."]);
});

test("leaves out the cut-off page of an Ogg file, and says so", async () => {
  // Two pages of audio: the sweep's own, taken for a middle one, and half of it again.
  const opus = fixture("sweep.opus");
  const lastPage = 841;
  const bytes = Uint8Array.from([...opus, ...opus.subarray(lastPage, lastPage + 1000)]);
  bytes[lastPage + 5] = 0;
  const { channels, warnings } = await decodeAudio(bytes);
  expect(channels[0]?.length).toBe(14_400);
  expect(warnings).toEqual([
    `The page at byte ${lastPage} is damaged: its checksum is wrong.`, // Its flag was changed.
    `The end is missing: the last whole page ends at byte ${opus.length}.`,
  ]);
});

test.each(["sweep.flac", "sweep.mp3", "sweep.ogg", "sweep.opus", "sweep.oga"])(
  "refuses the first bytes of %s alone",
  async (name) => {
    const result = decodeAudio(fixture(name).subarray(0, 60));
    await expect(result).rejects.toThrow(AudioError);
    await expect(result).rejects.toThrow(/^decodeAudio: .*(damaged|cut off)/);
  },
);

test.each(["sweep.flac", "sweep.mp3", "sweep.ogg", "sweep.opus"])(
  "stops %s at the limit of seconds",
  async (name) => {
    await expect(decodeAudio(fixture(name), { maxSeconds: 0.2 })).rejects.toThrow(
      /^decodeAudio: the audio is longer than the limit of 0\.2 s; split the file/,
    );
  },
);

const canBeRead =
  "WAV, FLAC, MP3 and Ogg (Vorbis, Opus, FLAC) can be read; convert it, e.g. ffmpeg -i input output.flac.";

test.each([
  [new Uint8Array(), "the file is empty"],
  [latin("\0\0\0\x20ftypM4A "), "this is an MP4 or M4A file"],
  [latin("FORM\0\0\0\0AIFF"), "this is an AIFF file"],
  [latin("\xff\xf1\x50\x80"), "this is an AAC file"],
  [
    latin("version https://git-lfs.github.com/spec/v1"),
    "this is a Git LFS pointer in place of the audio (run git lfs pull)",
  ],
  [latin("hello"), "the format is not known (the file starts with the bytes 68 65 6c 6c)"],
])("names what it cannot read (%#)", async (bytes, what) => {
  await expect(decodeAudio(bytes)).rejects.toThrow(
    new AudioError(`decodeAudio: ${what}; ${canBeRead}`),
  );
});

test("refuses a file without a sample", async () => {
  const empty = fixture("sweep.wav").slice(0, 44);
  new DataView(empty.buffer).setUint32(40, 0, true);
  await expect(decodeMono(empty)).rejects.toThrow(
    new AudioError("decodeMono: the file holds 0 samples; give one with sound."),
  );
});

test("a small FLAC of hours is refused before all of it is decoded", async () => {
  const hour = equalFlac(2600);
  const refused = decodeAudio(hour, { maxSeconds: 60 });

  await expect(refused).rejects.toThrow("the audio is longer than the limit of 60 s");
  expect((await decodeAudio(equalFlac(2))).channels.map(({ length }) => length)).toEqual(
    Array(8).fill(2 * 65_535),
  );
}, 10_000);
