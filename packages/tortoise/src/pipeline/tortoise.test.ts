import type { Audio } from "@hawksbill/audio";
import { type Device, disposeTree, liveTensors, openDevice, type Weights } from "@hawksbill/core";
import { TextError } from "@hawksbill/text";
import {
  presets,
  type SpeakProgress,
  type SpeechRequest,
  speak,
  Tortoise,
  TortoiseError,
  tortoiseModel,
} from "@hawksbill/tortoise";
import { afterAll, beforeAll, expect, test } from "vitest";
import { config, settings, tinyWeights, tokenizer } from "../../test/tiny-tortoise.js";
import { isLive } from "./stream-hifigan.js";

const weights = tinyWeights();
const model = tortoiseModel(tokenizer, weights, { settings });
let device: Device;
let tortoise: Tortoise;

beforeAll(async () => {
  device = await openDevice("cpu", { threads: 1 });
  tortoise = Tortoise.create(model, device);
});

afterAll(async () => {
  await tortoise.dispose();
  await device.close();
  disposeTree(weights);
});

const request: SpeechRequest = {
  text: "the fox naps",
  voice: "random",
  candidates: 3,
  maxCodes: 20,
  diffusion: { sampler: "ddim", steps: 2 },
};

const expectNothing = (): void => {
  throw new Error("work was begun");
};

const clip: Audio = {
  samples: Float32Array.from({ length: 16_000 }, (_, i) => 0.3 * Math.sin(i * (0.05 + i / 1e6))),
  sampleRateHz: 16_000,
};

test("speaks the best candidate, and tells what it came from", async () => {
  const speech = await tortoise.speak({ ...request, keep: 2 });
  const { candidates, kept, plan } = speech;
  expect(speech.audio.sampleRateHz).toBe(24_000);
  expect(speech.audio.samples.length).toBe((speech.mel?.frames ?? 0) * 256);
  expect(candidates.length).toBe(3);
  const scores = candidates.map(({ score = -Infinity }) => score);
  expect(kept.map(({ score }) => score)).toEqual(scores.sort((a, b) => b - a).slice(0, 2));
  expect(speech.codes).toBe(kept[0]?.codes);
  expect(plan).toMatchObject({ preset: "fast", seed: 0, decoder: "diffusion", maxCodes: 20 });
  expect(plan.diffusion).toEqual({ sampler: "ddim", steps: 2, guidance: 2 });
  expect(Object.keys(speech.seconds).sort()).toEqual(
    ["codes", "diffusion", "latents", "ranking", "vocoder", "voice"], // Each was timed.
  );
});

test("the same seed gives the same speech, whatever the batches; another seed gives another", async () => {
  const first = await tortoise.speak(request);
  const again = await tortoise.speak({ ...request, batchSize: 2 });
  const other = await tortoise.speak({ ...request, seed: 1 });
  expect(again.candidates.map(({ codes }) => codes)).toEqual(
    first.candidates.map(({ codes }) => codes),
  );
  expect(again.audio.samples).toEqual(first.audio.samples);
  expect(other.audio.samples).not.toEqual(first.audio.samples);
});

test("its result says all that is needed to say it again", async () => {
  const { plan, voice, audio } = await tortoise.speak({ ...request, seed: 7, cvvpAmount: 0 });
  const again = await tortoise.speak({ text: request.text, voice, ...plan });
  expect(again.audio.samples).toEqual(audio.samples);
});

test("speak() takes TorToiSe's models, too, and leaves no tensor behind", async () => {
  const { audio } = await tortoise.speak(request);
  const before = liveTensors();
  const speech = await speak({ ...request, model, device });
  expect(speech.audio.samples).toEqual(audio.samples);
  expect(liveTensors()).toBe(before);
});

test("hears clips, ranks by the voice, and says which stage it is in", async () => {
  const seen: SpeakProgress[] = [];
  const speech = await tortoise.speak({
    ...request,
    voice: [clip, clip],
    candidates: 2,
    cvvpAmount: 0.5,
    onProgress: (progress) => seen.push(progress),
  });
  expect(speech.voice.mels?.map(({ frames }) => frames)).toEqual([517, 517]);
  expect([...new Set(seen.map(({ stage }) => stage))]).toEqual([
    "voice",
    "codes",
    "ranking",
    "latents",
    "diffusion",
    "vocoder",
  ]);
  expect(seen.every(({ done, of }) => done >= 0 && done <= of)).toBe(true);
  expect(seen.findLast(({ stage }) => stage === "ranking")).toEqual({
    stage: "ranking",
    done: 4,
    of: 4,
  });
});

test("CVVP alone needs no CLVP", async () => {
  const { clvp: _, ...others } = weights;
  const without = Tortoise.create(tortoiseModel(tokenizer, others, { settings }), device);
  const voice = await tortoise.voice([clip]);
  const both = { ...request, voice, candidates: 2 };
  const { candidates } = await without.speak({ ...both, cvvpAmount: 1 });
  expect(candidates.every(({ score }) => Number.isFinite(score))).toBe(true);
  await expect(without.speak(both)).rejects.toThrow(
    new TortoiseError(
      "speak: 2 candidates are to be compared, but the model lacks clvp2.pth (CLVP: how well codes say a text); get it with: hawksbill download tortoise; or give candidates: 1",
    ),
  );
  await without.dispose();
});

test("the HiFi-GAN decoder speaks one candidate without diffusion", async () => {
  const { diffusion: _, candidates: __, ...quick } = request;
  const speech = await tortoise.speak({ ...quick, decoder: "hifigan" });
  const latents = speech.codes.length + Number(speech.stopped);
  expect(speech.audio.samples.length).toBe(Math.floor((latents * 4 * 24_000) / 22_050) * 256);
  expect(speech.mel).toBeUndefined();
  expect(speech.candidates.length).toBe(1);
  expect(speech.seconds.diffusion).toBeUndefined();
  const { text, voice } = { ...request, voice: speech.voice };
  expect((await tortoise.speak({ text, voice, ...speech.plan })).audio).toEqual(speech.audio);
});

test.each(["int8", "int4"] as const)(
  "in %s the models that take the time multiply by rounded matrices",
  async (precision) => {
    const rounded = new Set<string>();
    const watching: Device = {
      ...device,
      load: (graph, options = {}) => {
        const isRounded = graph.nodes.some(({ op }) =>
          ["MatMulIntegerToFloat", "MatMulNBits"].includes(op),
        );
        if (isRounded) rounded.add(options.name ?? "");
        return device.load(graph, options);
      },
    };
    const before = liveTensors();
    const speaker = Tortoise.create(model, watching, { weights: precision });
    await speaker.speak(request);
    await speaker.dispose();
    expect([...rounded].sort()).toEqual([
      "Clvp text",
      "Clvp.similarity",
      "Diffusion.denoise",
      "decoder",
    ]);
    expect(liveTensors()).toBe(before);
  },
);

test("a preset that is asked for has its candidates with the HiFi-GAN decoder, too", async () => {
  const { diffusion: _, candidates: __, ...quick } = request;
  const asked = { ...quick, decoder: "hifigan", preset: "ultra_fast", maxCodes: 4 } as const;

  const { candidates, score, plan } = await tortoise.speak(asked);

  expect(candidates.length).toBe(presets.ultra_fast.candidates);
  expect(score).toBeDefined();
  expect(plan).toMatchObject({ preset: "ultra_fast", decoder: "hifigan" });
  expect(isLive(asked)).toBe(false);
  expect(isLive({ ...asked, candidates: 1 })).toBe(true);
});

test("greedy speech of the HiFi-GAN decoder has no use for a preset, and its plan has none", async () => {
  const { diffusion: _, candidates: __, ...quick } = request;
  const greedy = { ...quick, decoder: "hifigan", sampling: "greedy" } as const;
  const { plan, voice, audio } = await tortoise.speak(greedy);

  expect(plan.preset).toBeUndefined();
  expect((await tortoise.speak({ ...plan, text: request.text, voice })).audio).toEqual(audio);
  await expect(tortoise.speak({ ...greedy, preset: "fast" })).rejects.toThrow(
    new RangeError(
      'speak: preset with greedy sampling is set, and the decoder "hifigan" works without it; leave one of them out',
    ),
  );
});

test("disposed of, it says so, amid a speech too", async () => {
  const gone = Tortoise.create(tortoiseModel(tokenizer, weights, { settings }), device);
  const disposing: Promise<void>[] = [];
  const speech = gone.speak({
    ...request,
    onProgress: ({ stage }) => {
      if (stage === "ranking") disposing.push(gone.dispose());
    },
  });
  await expect(speech).rejects.toThrow("was disposed of; create another");
  await Promise.all(disposing);
  await expect(gone.speak(request)).rejects.toThrow(
    "speak: this Tortoise was disposed of; create another",
  );
});

test("one candidate is spoken in whatever memory", async () => {
  const { candidates } = await tortoise.speak({ ...request, memoryMB: 1e-6 });
  expect(candidates.length).toBe(request.candidates);
});

test("greedy speech does not depend on the seed", async () => {
  const { candidates: _, ...once } = request;
  const greedy = { ...once, sampling: "greedy" } as const;
  const voice = await tortoise.voice("random");
  const first = await tortoise.speak({ ...greedy, voice, seed: 1 });
  const second = await tortoise.speak({ ...greedy, voice, seed: 2 });
  expect(second.codes).toEqual(first.codes);
});

test("an aborted speech ends with the signal's reason, and frees what it made", async () => {
  await tortoise.speak(request);
  const before = liveTensors();
  for (const stage of ["voice", "codes", "ranking", "diffusion"]) {
    const controller = new AbortController();
    const speech = tortoise.speak({
      ...request,
      signal: controller.signal,
      onProgress: (progress) => {
        if (progress.stage === stage) controller.abort(new Error(`stop at ${stage}`));
      },
    });
    await expect(speech).rejects.toThrow(`stop at ${stage}`);
  }
  expect(liveTensors()).toBe(before);
});

test.each<[string, Partial<SpeechRequest>, Error]>([
  [
    "no text",
    { text: "" },
    new TextError('speak: there is nothing to say in ""; give words that the tokenizer knows'),
  ],
  [
    "only punctuation",
    { text: "., ,." },
    new TextError('speak: there is nothing to say in "., ,."; give words that the tokenizer knows'),
  ],
  [
    "no known character",
    { text: "# # #", unknown: "replace" },
    new TextError('speak: there is nothing to say in "# # #"; give words that the tokenizer knows'),
  ],
  [
    "a long text",
    { text: "a dog. ".repeat(30) },
    new TortoiseError(
      "speak: the text has 211 tokens with its stop token, the model reads 40 at once; split the text, or let read() do so",
    ),
  ],
  [
    "a megabyte of text",
    { text: "a dog. ".repeat(150_000) },
    new TextError(
      "speak: the text has 1050000 characters, no model reads so many tokens at once; split the text, or let read() do so",
    ),
  ],
  [
    "latents of another size",
    { voice: { autoregressive: new Float32Array(1024), diffusion: new Float32Array(2048) } },
    new TortoiseError(
      "voice: the autoregressive latent has 1024 numbers, this model's has 64; make it with this model, of the voice's clips",
    ),
  ],
  [
    "no clip",
    { voice: [] },
    new TortoiseError(
      "voice: there is no clip; give clips of 3 to 20 s of clear speech, 3 or more",
    ),
  ],
  [
    "a clip of 0.1 s",
    { voice: [clip, { ...clip, samples: clip.samples.subarray(0, 1600) }] },
    new TortoiseError(
      "voice: clip 1 lasts 0.10 s, at least 0.5 s are needed; give clips of 3 to 20 s of clear speech, 3 or more",
    ),
  ],
  [
    "a silent clip",
    { voice: [{ ...clip, samples: new Float32Array(16_000) }] },
    new TortoiseError(
      "voice: clip 0 is silent; give clips of 3 to 20 s of clear speech, 3 or more",
    ),
  ],
  [
    "CVVP without clips",
    { cvvpAmount: 0.5 },
    new TortoiseError(
      "speak: cvvpAmount compares candidates with clips, and this voice is of latents alone; give clips, or leave cvvpAmount out",
    ),
  ],
  [
    "more to keep than there is",
    { keep: 4 },
    new RangeError("speak: keep is 4; give a whole number from 1 to 3"),
  ],
  [
    "more codes than the model has positions for",
    { maxCodes: 41 },
    new RangeError("speak: maxCodes is 41; give a whole number from 1 to 40"),
  ],
  [
    "a batch beyond memory",
    { batchSize: 3, memoryMB: 0.05 },
    new TortoiseError(
      "speak: 3 candidates at once take up to 1 MB, 0.05 MB are allowed, into which 1 fits; give a smaller batchSize or maxCodes, or more memoryMB",
    ),
  ],
  [
    "more to keep than greedy sampling has",
    { sampling: "greedy", candidates: undefined as never, keep: 2 },
    new RangeError("speak: keep is 2; give 1, since all are alike with greedy sampling"),
  ],
  [
    "memory that is no number",
    { memoryMB: Number.NaN },
    new RangeError("speak: memoryMB is NaN; give a number above 0"),
  ],
  [
    "an unknown preset",
    { preset: "faster" as "fast" },
    new RangeError(
      'speak: there is no preset "faster"; give one of ultra_fast, fast, standard, high_quality, tts-fast/single_sample, tts-fast/ultra_fast, tts-fast/ultra_fast_old, tts-fast/very_fast, tts-fast/fast, tts-fast/fast_old, tts-fast/standard, tts-fast/high_quality',
    ),
  ],
  [
    "an option of tts()",
    { diffusionIterations: 5 } as Partial<SpeechRequest>,
    new RangeError('speak: there is no option "diffusionIterations"; give diffusion.steps'),
  ],
  [
    "an option without effect",
    { length_penalty: 2 } as Partial<SpeechRequest>,
    new RangeError(
      'speak: there is no option "length_penalty"; leave it out: it changes nothing where codes are drawn',
    ),
  ],
  ...(
    [
      [{ steps: 1 }, "respace: steps is 1; give a whole number from 2 to 4000"],
      [{ guidance: -1 }, "Diffusion.sample: guidance is -1; give 0 or more"],
      [
        { guidanceCourse: "flat" as "ramped" },
        'Diffusion.sample: guidanceCourse is "flat"; give "ramped" or "constant"',
      ],
    ] as const
  ).map(([diffusion, message]): [string, Partial<SpeechRequest>, Error] => [
    `${Object.keys(diffusion)} of the diffusion before anything is spoken`,
    { diffusion, onProgress: expectNothing },
    new RangeError(message),
  ]),
  ...(
    [
      [
        { sampling: { top_p: 0.5 } },
        'sampling: there is no option "top_p"; give one of repetitionPenalty, typicalMass, temperature, topK, topP',
      ],
      [
        { diffusion: { iterations: 5 } },
        'speak: diffusion: there is no option "iterations"; give one of sampler, steps, guidance, guidanceCourse, eta, temperature',
      ],
      [
        { conditioning: { averageing: "files" } },
        'speak: conditioning: there is no option "averageing"; give one of averaging, resampling',
      ],
      [
        { conditioning: { averaging: "file" } },
        'speak: conditioning.averaging is "file"; give one of beginnings, chunks, files',
      ],
      [{ decoder: "Hifigan" }, 'speak: decoder is "Hifigan"; give one of diffusion, hifigan'],
      [{ unknown: "skip" }, 'speak: unknown is "skip"; give one of throw, replace'],
      [
        { diffusion: { sampler: "ancestral", eta: 0.5 } },
        'Diffusion.sample: eta is 0.5, which the sampler "ancestral" works without; leave it out, or give the sampler "ddim"',
      ],
      [
        { device: 1 },
        'speak: there is no option "device"; leave it out, or look for its name in the README of @hawksbill/tortoise',
      ],
    ] as const
  ).map(([change, message]): [string, Partial<SpeechRequest>, Error] => [
    JSON.stringify(change),
    { ...(change as Partial<SpeechRequest>), onProgress: expectNothing },
    new RangeError(message),
  ]),
  [
    "CVVP with nothing to compare",
    { cvvpAmount: 0.5, voice: [clip], candidates: 1, onProgress: expectNothing },
    new RangeError(
      "speak: cvvpAmount is 0.5, and there is one candidate, which is compared with none; give more candidates, or leave cvvpAmount out",
    ),
  ],
  [
    "what only the diffusion hears for the decoder without",
    { decoder: "hifigan", diffusion: undefined as never, conditioning: { averaging: "files" } },
    new RangeError(
      'speak: conditioning is set, and the decoder "hifigan" works without it; leave one of them out',
    ),
  ],
  [
    "diffusion for the decoder without",
    { decoder: "hifigan" },
    new RangeError(
      'speak: diffusion is set, and the decoder "hifigan" works without it; leave one of them out',
    ),
  ],
])("refuses %s", async (_, change, error) => {
  const before = liveTensors();
  await expect(tortoise.speak({ ...request, ...change })).rejects.toThrow(error);
  expect(liveTensors()).toBe(before);
});

test("refuses to be told how clips are heard where there are none", async () => {
  const refusal = (voice: string) =>
    new RangeError(
      `voice: averaging says how clips are heard, and this voice is ${voice}; leave it out, or give clips`,
    );
  const conditioning = { averaging: "files" } as const;
  await expect(tortoise.speak({ ...request, conditioning })).rejects.toThrow(refusal("made up"));
  const latents = await tortoise.voice("random");
  await expect(tortoise.voice(latents, conditioning)).rejects.toThrow(refusal("latents"));
});

test("refuses parts that do not belong together", () => {
  const { vocoder: _, ...others } = weights;
  expect(() => tortoiseModel(tokenizer, others)).toThrow(
    new TortoiseError(
      "tortoiseModel: the model lacks vocoder.pth (UnivNet: a mel spectrogram to sound); get it with: hawksbill download tortoise",
    ),
  );
  const mixed = { ...weights, randomAutoregressive: weights.randomDiffusion as Weights };
  expect(() => tortoiseModel(tokenizer, mixed, { settings })).toThrow(
    /^rlg_auto\.pth: "layers\.0\.weight" is \[32, 32\], expected \[64, 64\]/,
  );
  expect(() => tortoiseModel(tokenizer, weights)).toThrow(
    `autoregressive.pth: has ${config.startMelToken} codes, silence is to be code 248; give files that belong together`,
  );
});
