import { encodeWav, resample } from "@hawksbill/audio";
import { Random } from "@hawksbill/core";
import { trainTokenizer } from "@hawksbill/text";
import { describe, expect, test } from "vitest";
import { syntheticSpeech } from "../test/synthetic-speech.js";
import {
  DatasetError,
  examineDataset,
  type FaultName,
  faults,
  memoryFiles,
  prepareDataset,
  problemText,
} from "./index.js";

const tokenizer = trainTokenizer(["the quick brown fox jumps over the lazy dog"], {
  vocabularySize: 40,
});
const wav = (samples: Float32Array, sampleRateHz = 22050) => encodeWav({ samples, sampleRateHz });
const speech = (seconds: number, seed: number) => syntheticSpeech(seconds, seed);
const words = ["quick", "brown", "jumps", "over", "lazy", "dog", "fox", "the"];

/** Eight clips with which nothing is wrong: a second each, about as many characters. */
const good = Object.fromEntries(
  words.map((word, i) => {
    const text = `${word} ${words[(i + 3) % 8]} ${words[(i + 4) % 8]}`;
    return [`g${i}`, { text, audio: wav(speech(1, i)) }];
  }),
);

/** Examines the good clips and others: a text and a recording by id. */
function examine(
  others: Record<string, { text: string; audio: Uint8Array }>,
  options: { more?: string; speakers?: boolean } = {},
) {
  const clips = Object.entries({ ...good, ...others });
  const lines = clips.map(([id, { text }]) => `${id}|${text}`).join("\n");
  const audio = Object.fromEntries(clips.map(([id, { audio }]) => [`wavs/${id}.wav`, audio]));
  const files = memoryFiles(
    { "metadata.csv": `${lines}\n${options.more ?? ""}`, ...audio },
    "voice",
  );
  return examineDataset(files, { tokenizer });
}

test("finds nothing wrong with clips that are good, but that they are few", async () => {
  const { clips, leftOut, doubts } = await examine({});

  expect(clips).toHaveLength(8);
  expect(leftOut).toEqual([]);
  expect(doubts.map(problemText)).toEqual([
    "there are 8 s of speech; two minutes are the least for a voice, ten are better",
  ]);
});

describe("finds", () => {
  const voice = speech(1, 20);
  const random = new Random(1);
  const loud = voice.map((sample) => sample * 20);
  const late = new Float32Array(2 * 22050);
  late.set(voice.subarray(2205), 22050);
  const parted = new Float32Array(3 * 22050);
  parted.set(voice.subarray(0, 11025));
  parted.set(voice.subarray(11025), 2.5 * 22050);
  const text = "the lazy brown fox";

  test.each<[fault: FaultName, text: string, audio: Uint8Array, reason: RegExp]>([
    [
      "clipping",
      text,
      wav(loud.map((x) => Math.max(-0.6, Math.min(0.6, x)))),
      /is clipped at \d+ samples/,
    ],
    [
      "noise",
      text,
      wav(voice.map((x) => x + 0.05 * (random.next() - 0.5))),
      /has a noise only \d+ dB below the speech/,
    ],
    [
      "narrow-band",
      text,
      wav(resample(voice, 22050, 8000), 8000),
      /has nothing above 4\.\d kHz \(the file's rate is 8000 Hz\)/,
    ],
    ["offset", text, wav(voice.map((x) => x + 0.1)), /has a wave that is off zero by 0\.10/],
    [
      "silent-channel",
      text,
      encodeWav({ channels: [voice, new Float32Array(voice.length)], sampleRateHz: 22050 }),
      /has a silent channel, which is passed over/,
    ],
    ["edge-silence", text, wav(late), /has 1\.0 s of silence before and 0\.\d s after the speech/],
    ["long-pause", text, wav(parted), /has a pause of 2\.\d s/],
    ["cut-off", text, wav(voice.slice(0, cutPoint(voice))), /^ends in the middle of a sound/],
    ["loudness", text, wav(voice.map((x) => x / 10)), /is \d+ dB quieter than most clips/],
    [
      "text-too-long",
      `${text} ${text} ${text} ${text}`,
      wav(voice),
      /has 60 characters in 1\.0 s, \d+ a second where 1\d are usual/,
    ],
    [
      "text-too-short",
      "fox",
      wav(voice),
      /has 3 characters in 1\.0 s, \d a second where 1\d are usual/,
    ],
    ["same-sound", text, good.g3?.audio as Uint8Array, /is the recording of g3, with another text/],
    [
      "same-sound",
      text,
      wav(
        resample(
          speech(1, 3).map((x) => x / 2),
          22050,
          48000,
        ),
        48000,
      ),
      /is nearly the recording of g3/,
    ],
    ["same-text", (good.g3?.text ?? "").toUpperCase(), wav(voice), /has the text of g3/],
  ])("%s: %s", async (fault, text, audio, reason) => {
    const { clips, doubts } = await examine({ bad: { text, audio } });

    expect(clips).toHaveLength(9);
    const found = doubts.filter((doubt) => doubt.id !== "" && doubt.fault === fault);
    expect(found).toMatchObject([
      { id: "bad", list: "metadata.csv", line: 9, path: "wavs/bad.wav" },
    ]);
    expect(found[0]?.reason).toMatch(reason);
    expect(doubts.filter(({ id }) => id.startsWith("g"))).toEqual([]);
  });

  test("what prepareDataset leaves out, and files that nothing names", async () => {
    const files = memoryFiles({
      "metadata.csv": "a|fox#\nb|fox\nc|\nd\n",
      "wavs/a.wav": wav(voice),
      "wavs/x.wav": wav(voice),
    });

    const { clips, leftOut, doubts } = await examineDataset(files, { tokenizer });

    expect(clips).toEqual([]);
    expect(leftOut.map(({ fault, line }) => [fault, line])).toEqual([
      ["unknown-characters", 1],
      ["missing-file", 2],
      ["empty-text", 3],
      ["bad-line", 4],
    ]);
    expect(doubts.map(({ fault }) => fault)).toEqual(["unlisted-files"]);
    await expect(prepareDataset(files, { tokenizer })).rejects.toThrow(DatasetError);
  });

  test("different rates, one speaker who rules, a speaker with one clip, a leak between parts", async () => {
    const rows = Array.from({ length: 12 }, (_, i) => ({
      audio: `${i}.wav`,
      text: `${words[i % 8]} ${words[(i + 3) % 8]} ${i < 8 ? "fox" : "dog"}`,
      speaker: i === 0 ? "anna" : i < 3 ? "bob" : "carl",
      split: i === 11 ? "test" : "train",
    }));
    const audio = rows.map((_, i) => [
      `${i}.wav`,
      i === 5 ? wav(resample(speech(1, 5), 22050, 48000), 48000) : wav(speech(1, i === 11 ? 4 : i)),
    ]);
    const files = memoryFiles({
      "metadata.jsonl": rows.map((row) => JSON.stringify(row)).join("\n"),
      ...Object.fromEntries(audio),
    });

    const { doubts } = await examineDataset(files, { tokenizer });

    expect(doubts.map(problemText)).toEqual([
      "metadata.jsonl:12: 11.wav is the recording of 4, which is in the other part of the dataset; take one of them out, or what is measured has been learnt",
      "there are 12 s of speech; two minutes are the least for a voice, ten are better",
      "there are files of 22050 Hz (11), 48000 Hz (1); all are brought to 22050 Hz, but those of low rates stay dull; use one source if you can",
      "metadata.jsonl:1: 0.wav is the only clip of speaker anna, and would be its own example of the voice; add another one, or take it out",
      "speaker carl has 75 % of the speech of 3 speakers; balance speakers in training",
    ]);
  });
});

test("every fault has a heading of its own", () => {
  const titles = Object.values(faults).map(({ title }) => title);

  expect(new Set(titles).size).toBe(titles.length);
});

/** Where a syllable is loudest, in the second half. */
function cutPoint(samples: Float32Array): number {
  const half = samples.length / 2;
  const peak = samples.subarray(half).reduce((best, x) => Math.max(best, Math.abs(x)), 0);
  return half + samples.subarray(half).findIndex((x) => Math.abs(x) === peak) + 1;
}
