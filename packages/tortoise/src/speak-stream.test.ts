import type { Audio } from "@hawksbill/audio";
import { type Device, disposeTree, liveTensors, openDevice } from "@hawksbill/core";
import {
  joinAudio,
  read,
  readableStream,
  type SpeakStreamOptions,
  type StreamedPiece,
  speakStream,
  Tortoise,
  TortoiseError,
  tortoiseModel,
} from "@hawksbill/tortoise";
import { afterAll, beforeAll, expect, test } from "vitest";
import { settings, tinyWeights, tokenizer } from "../test/tiny-tortoise.js";

const weights = tinyWeights();
const model = tortoiseModel(tokenizer, weights, { settings });
let device: Device;
let speaker: Tortoise;
let fast: SpeakStreamOptions;

beforeAll(async () => {
  device = await openDevice("cpu", { threads: 1 });
  speaker = Tortoise.create(model, device);
  const voice = await speaker.voice("random");
  fast = { speaker, voice, text: "the fox naps. the dog, too.", decoder: "hifigan", seed: 2 };
});

afterAll(async () => {
  await speaker.dispose();
  await device.close();
  disposeTree(weights);
});

const split = { desiredLength: 10, maxLength: 20 };

async function collected(options: SpeakStreamOptions) {
  const chunks: Float32Array[] = [];
  const pieces: StreamedPiece[] = [];
  const onPiece = (piece: StreamedPiece) => pieces.push(piece);
  for await (const { samples } of speakStream({ ...options, onPiece })) chunks.push(samples);
  return { chunks, pieces, samples: chunks.flatMap((chunk) => Array.from(chunk)) };
}

async function readAndJoined(options: SpeakStreamOptions, gapSeconds: number) {
  const audios: Audio[] = [];
  const codes: Int32Array[] = [];
  for await (const { speech } of read({ ...options, retries: 0 })) {
    audios.push(speech.audio);
    codes.push(speech.codes);
  }
  return { ...joinAudio(audios, { gapSeconds }), codes };
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] as number))), 0);

test("what is heard while codes come is what read() makes of them afterwards", async () => {
  const options = { ...fast, split, gapSeconds: 0.02 };
  const stream = await collected(options);
  const whole = await readAndJoined({ ...fast, split }, 0.02);
  expect(stream.samples.length).toBe(whole.audio.samples.length);
  // The latents are those of the steps rather than of a pass over all codes: other sums of the same numbers.
  expect(largestDifference(stream.samples, whole.audio.samples)).toBeLessThan(1e-5);
  expect(stream.chunks.length).toBeGreaterThan(5);
  expect(stream.pieces.map(({ codes }) => codes)).toEqual(whole.codes);
  expect(stream.pieces.map(({ startSeconds }) => startSeconds)).toEqual(whole.startSeconds);
  expect(stream.pieces.at(-1)?.endSeconds).toBe(stream.samples.length / 24_000);
  expect(stream.pieces.map(({ index, count, text }) => ({ index, count, text }))).toEqual([
    { index: 0, count: 2, text: "the fox naps." },
    { index: 1, count: 2, text: "the dog, too." },
  ]);
});

test("begins to sound before all codes are drawn, and draws no more than is listened to", async () => {
  const drawn: number[] = [];
  const onProgress = ({ stage, done }: { stage: string; done: number }) => {
    if (stage === "codes") drawn.push(done);
  };
  const before = liveTensors();
  for await (const { samples } of speakStream({ ...fast, onProgress })) {
    expect(samples.length).toBeGreaterThan(1000);
    break;
  }
  expect(drawn.at(-1)).toBeLessThan(30); // Of 40.
  expect(liveTensors()).toBe(before);
});

test("with words in brackets, the chunk is what is heard of the piece", async () => {
  const options = { ...fast, text: "[the fox,] a dog.", retries: 0 };
  const stream = await collected({ ...fast, text: options.text });
  const whole = await readAndJoined(options, 0);
  expect(stream.samples).toEqual(Array.from(whole.audio.samples));
});

test("with diffusion, the chunks are the pieces", async () => {
  const { decoder: _, ...slow } = fast;
  const options = {
    ...slow,
    split,
    candidates: 2,
    maxCodes: 20,
    retries: 0,
    diffusion: { sampler: "ddim", steps: 2 },
  } as const;
  const stream = await collected({ ...options, gapSeconds: 0 });
  const whole = await readAndJoined(options, 0);
  expect(stream.chunks.length).toBe(2);
  expect(stream.samples).toEqual(Array.from(whole.audio.samples));
});

test("as a stream of the web's it asks for no more than its reader, and can be cancelled", async () => {
  let asked = 0;
  let closed = false;
  async function* numbers() {
    try {
      for (;;) yield asked++;
    } finally {
      closed = true;
    }
  }
  const reader = readableStream(numbers()).getReader();
  expect((await reader.read()).value).toBe(0);
  expect((await reader.read()).value).toBe(1);
  expect(asked).toBe(2);
  await reader.cancel();
  expect(closed).toBe(true);

  const short = readableStream(speakStream({ ...fast, maxCodes: 3 }));
  let samples = 0;
  for (const reader = short.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    samples += value.samples.length;
  }
  expect(samples).toBeGreaterThan(1000);
});

test("ends with the signal's reason, and frees what it made", async () => {
  const before = liveTensors();
  const controller = new AbortController();
  const run = async () => {
    for await (const _ of speakStream({ ...fast, signal: controller.signal }))
      controller.abort(new Error("enough"));
  };
  await expect(run()).rejects.toThrow("enough");
  expect(liveTensors()).toBe(before);
});

test("refuses what it cannot do", async () => {
  await expect(collected({ ...fast, retries: 1 })).rejects.toThrow(
    new RangeError(
      "speakStream: retries is 1, but this sound is heard before it is known whether a piece ends; leave it out",
    ),
  );
  await expect(collected({ ...fast, gapSeconds: -1 })).rejects.toThrow(
    new RangeError("speakStream: gapSeconds is -1; give 0 or more"),
  );
  const { hifiganDecoder: _, ...others } = weights;
  const without = Tortoise.create(tortoiseModel(tokenizer, others, { settings }), device);
  await expect(collected({ ...fast, speaker: without })).rejects.toThrow(TortoiseError);
});
