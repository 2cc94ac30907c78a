/// <reference types="node" />
import { fileURLToPath } from "node:url";
import { decodeMono } from "@hawksbill/audio";
import { modelFolder, voiceFolder } from "@hawksbill/base-small";
import { openDevice } from "@hawksbill/core";
import { speakStream } from "@hawksbill/tortoise";
import { openSpeaker, openVoice } from "@hawksbill/tortoise/node";
import OpenAI from "openai";
import { expect, test } from "vitest";
import { SpeechServer } from "../src/index.js";
import { serve } from "../src/node/index.js";
import { run } from "./running.js";

function client(url: string, apiKey = "none"): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
}

const speech = { model: "hum", voice: "low", input: "one two three" } as const;

test.each([
  ["mp3", 24_000],
  ["opus", 48_000],
  ["flac", 24_000],
  ["wav", 24_000],
] as const)("OpenAI's client gets speech as %s", async (response_format, rate) => {
  const { url } = await run();

  const response = await client(url).audio.speech.create({ ...speech, response_format });
  const file = new Uint8Array(await response.arrayBuffer());

  const { samples, sampleRateHz } = await decodeMono(file);
  expect(sampleRateHz).toBe(rate);
  expect(Math.round((10 * samples.length) / rate) / 10).toBeCloseTo(0.3, 0.5);
});

test("OpenAI's client lists models, and is told of errors by their classes", async () => {
  const { url } = await run({}, { token: "secret" });
  const openai = client(url, "secret");

  const { data } = await openai.models.list();
  expect(data.map(({ id }) => id)).toEqual(["hum"]);
  expect((await openai.models.retrieve("hum")).object).toBe("model");
  await expect(openai.audio.speech.create({ ...speech, model: "tts-1" })).rejects.toThrow(
    OpenAI.NotFoundError,
  );
  await expect(openai.audio.speech.create({ ...speech, voice: "alloy" })).rejects.toMatchObject({
    status: 400,
    param: "voice",
    code: "voice_not_found",
    requestID: expect.stringMatching(/^[\da-f-]{36}$/),
  });
  await expect(client(url, "guess").models.list()).rejects.toThrow(OpenAI.AuthenticationError);
});

test("OpenAI's client waits and tries again where the server is busy", async () => {
  const { url, model } = await run({ pauseMilliseconds: 20 }, { maxWaiting: 0 });
  const patient = new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 5 });
  const say = async (input: string): Promise<number> =>
    (await (await patient.audio.speech.create({ ...speech, input })).arrayBuffer()).byteLength;

  const sizes = await Promise.all([say("one two three"), say("four five six")]);

  expect(sizes.every((size) => size > 0)).toBe(true);
  expect(model.said.length).toBe(2);
});

test("OpenAI's client lets the embedded voice speak", async () => {
  const device = await openDevice("cpu", { threads: 1 });
  const speaker = await openSpeaker(fileURLToPath(modelFolder), device);
  const clip = fileURLToPath(new URL("wavs/", voiceFolder));
  const voice = await speaker.voice(await openVoice(clip, { mostClips: 4 }));
  const server = new SpeechServer({
    models: [
      {
        id: "hawksbill-small",
        voices: ["embedded"],
        speak: ({ voice: _, ...said }, signal) =>
          speakStream({ ...said, speaker, voice, signal, maxCodes: 40, retries: 0 }),
      },
    ],
  });
  const running = await serve(server, { port: 0 });
  try {
    const response = await client(running.url).audio.speech.create({
      model: "hawksbill-small",
      voice: "embedded",
      input: "Hello.",
      response_format: "wav",
    });
    const { samples, sampleRateHz } = await decodeMono(
      new Uint8Array(await response.arrayBuffer()),
    );

    expect(sampleRateHz).toBe(22_050);
    expect(samples.length).toBeGreaterThan(5000);
    expect(samples.some((sample) => Math.abs(sample) > 0.05)).toBe(true);
  } finally {
    await running.close({ graceSeconds: 0 });
    await speaker.dispose();
    await device.close();
  }
});
