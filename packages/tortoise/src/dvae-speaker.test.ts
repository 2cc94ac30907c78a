import { liveTensors, openDevice } from "@hawksbill/core";
import { afterAll, expect, test } from "vitest";
import { tinyClips, tinyModel } from "../test/tiny-model.js";
import { DvaeSpeaker } from "./dvae-speaker.js";
import { disposeModel } from "./model.js";
import { read } from "./read.js";
import { TortoiseError } from "./tortoise-error.js";

const device = await openDevice("cpu", { threads: 1 });
const model = tinyModel();
const speaker = DvaeSpeaker.create(model, device);
const voice = tinyClips(model).map(({ mel }) => mel);
afterAll(async () => {
  await speaker.dispose();
  await device.close();
  disposeModel(model);
});

const sampling = "greedy";

test("a text that the model ends at once has no sound, and is tried again", async () => {
  const hasty = tinyModel();
  const bias = hasty.unifiedVoice["mel_head.bias"]?.dataSync() as Float32Array;
  bias[hasty.config.stopMelToken] = 100;
  const speaker = DvaeSpeaker.create(hasty, device);
  const latents = await speaker.voice(voice);
  const { audio, codes, stopped, mel } = await speaker.speak({ text: "hi.", voice, sampling });
  expect([audio.samples.length, codes.length, stopped, mel.frames]).toEqual([0, 0, true, 0]);

  const seeds: (number | undefined)[] = [];
  const told = {
    ...{ kind: "dvae" as const, sampleRateHz: speaker.sampleRateHz },
    voice: speaker.voice.bind(speaker),
    check: speaker.check.bind(speaker),
    stream: speaker.stream.bind(speaker),
    dispose: () => speaker.dispose(),
    speak(request: Parameters<DvaeSpeaker["speak"]>[0]) {
      seeds.push(request.seed);
      return speaker.speak(request);
    },
  };
  const pieces: unknown[] = [];
  for await (const { text, flaw } of read({
    speaker: told,
    text: "hi. | [oh,] hi.",
    voice: latents,
  }))
    pieces.push([text, flaw]);
  expect(pieces).toEqual([
    ["hi.", "hurried"],
    ["[oh,] hi.", "hurried"],
  ]);
  expect(seeds).toEqual([0, 1, 0, 1]);
  await speaker.dispose();
  disposeModel(hasty);
});

test("what does not fit the model is refused before it is spoken", async () => {
  const before = liveTensors();
  const autoregressive = await speaker.voice(voice).then((latents) => latents.autoregressive);
  const refusals: [Partial<Parameters<DvaeSpeaker["speak"]>[0]>, Error][] = [
    [
      { text: "a".repeat(41) },
      new TortoiseError(
        "speak: the text has 41 tokens, the model reads 40 at once; split the text, or let read() do so",
      ),
    ],
    [
      { voice: { autoregressive: autoregressive.with(3, Number.NaN) } },
      new TortoiseError(
        "voice: the autoregressive latent holds what is no finite number; make it anew of the voice's clips",
      ),
    ],
    [
      { sampling: { topp: 1 } as object },
      new RangeError(
        'sampling: there is no option "topp"; give one of repetitionPenalty, typicalMass, temperature, topK, topP',
      ),
    ],
  ];
  for (const [change, error] of refusals)
    await expect(speaker.speak({ text: "hi.", voice, sampling, ...change })).rejects.toThrow(error);
  await expect(speaker.voice(voice, { averaging: "files" })).rejects.toThrow(
    'a model that speaks through its dVAE: there is no option "averaging"',
  );
  expect(liveTensors()).toBe(before);
});

test("an abort ends the hearing of a voice", async () => {
  const stop = new AbortController();
  stop.abort(new Error("enough"));
  await expect(speaker.voice(voice, { signal: stop.signal })).rejects.toThrow("enough");
});
