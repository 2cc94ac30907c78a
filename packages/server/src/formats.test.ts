import { decodeAudio, toMono } from "@hawksbill/audio";
import { expect, test } from "vitest";
import { type AudioFormatName, audioFormats } from "./audio-formats.js";
import { encodeSpeech } from "./encode-speech.js";

/** A chirp in pieces of odd lengths: every moment of it is unlike any other. */
const rate = 22_050;
const chirp = Float32Array.from(
  { length: rate / 2 + 77 },
  (_, i) => 0.6 * Math.sin((i / rate) ** 2 * 2000 + i / 30),
);

async function encoded(name: AudioFormatName, samples = chirp): Promise<Uint8Array> {
  const parts: number[] = [];
  const pieces = (async function* () {
    for (let at = 0; at < samples.length; at += 5003)
      yield { samples: samples.subarray(at, at + 5003), sampleRateHz: rate };
  })();
  const format = audioFormats[name];
  for await (const part of encodeSpeech(pieces, { format, speed: 1, onAudio: () => {} }))
    parts.push(...part);
  return Uint8Array.from(parts);
}

/** How well two sounds fit at the best of the first `most` shifts: 1 is the same. */
function likeness(a: Float32Array, b: Float32Array, most: number): { best: number; shift: number } {
  let best = 0;
  let shift = 0;
  for (let s = 0; s <= most; s++) {
    let ab = 0;
    let aa = 0;
    let bb = 0;
    for (let i = 0; i < a.length; i += 3) {
      const x = a[i] as number;
      const y = b[i + s] ?? 0;
      ab += x * y;
      aa += x * x;
      bb += y * y;
    }
    const now = ab / Math.sqrt(aa * bb);
    if (now > best) [best, shift] = [now, s];
  }
  return { best, shift };
}

test.each(["wav", "flac"] as const)("%s keeps the samples in 16 bits", async (name) => {
  const { channels, sampleRateHz } = await decodeAudio(await encoded(name));

  const [samples = new Float32Array()] = channels;
  expect([sampleRateHz, samples.length]).toEqual([rate, chirp.length]);
  const off = samples.map((sample, i) => Math.abs(sample - (chirp[i] as number)));
  expect(Math.max(...off)).toBeLessThanOrEqual(0.5 / 2 ** 15 + 1e-7); // Half of a step.
});

test("opus has the sound from its first sample to its last", async () => {
  const audio = toMono(await decodeAudio(await encoded("opus")));

  expect(audio.sampleRateHz).toBe(48_000);
  expect(audio.samples.length).toBe(2 * Math.ceil((chirp.length * 24_000) / rate));
  const expected = Float32Array.from(
    audio.samples,
    (_, i) => chirp[Math.round((i * rate) / 48_000)] ?? 0,
  );
  const { best, shift } = likeness(expected, audio.samples, 40);
  expect(best).toBeGreaterThan(0.98); // Coded at 48 kbit/s, and compared with the nearest samples.
  expect(shift).toBeLessThanOrEqual(2);
});

test("mp3 has the whole sound behind the encoder's delay", async () => {
  const audio = toMono(await decodeAudio(await encoded("mp3")));

  expect(audio.sampleRateHz).toBe(rate);
  expect(audio.samples.length).toBeGreaterThanOrEqual(chirp.length);
  expect(audio.samples.length).toBeLessThan(chirp.length + 4 * 1152);
  expect(likeness(chirp, audio.samples, 2500).best).toBeGreaterThan(0.99); // Coded at 128 kbit/s.
});

test("pcm is 24,000 samples a second of 16 bits", async () => {
  expect((await encoded("pcm")).length).toBe(2 * Math.ceil((chirp.length * 24_000) / rate));
});

test("sound that is shorter than a packet is whole, too", async () => {
  const blip = chirp.subarray(0, 50);
  const opus = toMono(await decodeAudio(await encoded("opus", blip)));
  const flac = toMono(await decodeAudio(await encoded("flac", blip)));

  expect(opus.samples.length).toBe(2 * Math.ceil((50 * 24_000) / rate));
  expect(flac.samples.length).toBe(50);
});
