import { encodeWav } from "@hawksbill/audio";
import { trainTokenizer } from "@hawksbill/text";
import { describe, expect, test } from "vitest";
import {
  type Clip,
  DatasetError,
  memoryFiles,
  type PrepareOptions,
  type PrepareProgress,
  prepareDataset,
  problemText,
} from "./index.js";

const tokenizer = trainTokenizer(["the quick brown fox jumps over the lazy dog"], {
  vocabularySize: 40,
});

/** A WAV file of a tone. */
function tone(seconds: number, { sampleRateHz = 22050, volume = 0.5 } = {}): Uint8Array {
  const samples = Float32Array.from(
    { length: Math.round(seconds * sampleRateHz) },
    (_, i) => volume * Math.sin((2 * Math.PI * 220 * i) / sampleRateHz),
  );
  return encodeWav({ samples, sampleRateHz });
}

/** Prepares a dataset whose list has these lines, with a good clip `ok` besides. */
function prepare(
  lines: string,
  files: Record<string, Uint8Array | string> = {},
  options: Partial<PrepareOptions> = {},
) {
  return prepareDataset(
    memoryFiles(
      { "metadata.csv": `ok|the fox\n${lines}`, "wavs/ok.wav": tone(1), ...files },
      "voice",
    ),
    { tokenizer, ...options },
  );
}

test("makes clips ready to learn from", async () => {
  const { clips, leftOut } = await prepare("b|The DOG", {
    "wavs/b.wav": tone(2, { sampleRateHz: 16000 }),
  });

  expect(leftOut).toEqual([]);
  expect(clips).toHaveLength(2);
  const { tokens, samples, mel, ...rest } = clips[1] as Clip;
  const entry = { id: "b", path: "wavs/b.wav", text: "The DOG", list: "metadata.csv", line: 2 };
  expect(rest).toEqual({ ...entry, seconds: 2 });
  expect(tokenizer.decode([...tokens])).toBe("the dog");
  expect(samples.length).toBe(44100);
  expect([mel.bands, mel.frames]).toEqual([80, 1 + Math.floor(samples.length / 256)]);
});

test("tells how far it is", async () => {
  const seen: PrepareProgress[] = [];

  await prepare("b|dog", {}, { onProgress: (progress) => seen.push(progress) });

  expect(seen).toEqual([
    { done: 0, total: 1 },
    { done: 1, total: 1 },
  ]);
});

test("stops when told to", async () => {
  const stop = new AbortController();

  const prepared = prepare(
    "b|dog",
    { "wavs/b.wav": tone(1) },
    { signal: stop.signal, onProgress: () => stop.abort() },
  );

  await expect(prepared).rejects.toThrow(stop.signal.reason);
});

describe("leaves out, with the reason,", () => {
  const wav = tone(1);
  const cut = wav.subarray(0, wav.length - 1000);
  test.each<[fact: string, text: string, audio: Uint8Array | string | undefined, problem: string]>([
    ["a missing file", "dog", undefined, "is missing; add the file, or take the line out"],
    [
      "characters that the vocabulary lacks",
      "Dog ☃ (1é#)!",
      wav,
      'has "#" (letter 9) in its cleaned text, which the vocabulary lacks; write it in letters of the vocabulary, or use another vocabulary',
    ],
    [
      "a text of which nothing is left",
      '"--"',
      wav,
      "has a text of which cleaning leaves nothing; write what is said",
    ],
    [
      "too much text",
      "dog ".repeat(200),
      wav,
      "has a text of 599 tokens, more than 200; cut the clip at a pause into two, each with its own text",
    ],
    [
      "a clip too short",
      "dog",
      tone(0.5),
      "lasts 0.50 s, less than 0.6 s; join it with its neighbour, or leave it out",
    ],
    [
      "a clip too long",
      "dog",
      tone(12, { sampleRateHz: 8000 }),
      "lasts 12.00 s, more than 11.61 s; cut it at pauses into shorter clips, each with its own text",
    ],
    [
      "silence",
      "dog",
      tone(1, { volume: 0.00005 }),
      "is silent; record it again, or take the line out",
    ],
    [
      "a file that is cut short",
      "dog",
      cut,
      "is damaged: The end is missing: 43100 of 44100 bytes of samples are there; save it again from the recording",
    ],
  ])("%s", async (_, text, audio, problem) => {
    const { clips, leftOut } = await prepare(`b|${text}`, audio ? { "wavs/b.wav": audio } : {});

    expect(clips.map(({ id }) => id)).toEqual(["ok"]);
    expect(leftOut.map(problemText)).toEqual([`metadata.csv:2: wavs/b.wav ${problem}`]);
  });

  test("a file that is no audio, in the decoder's words", async () => {
    const { leftOut } = await prepare("b|dog", { "wavs/b.wav": "hello" });

    expect(leftOut).toHaveLength(1);
    expect(leftOut[0]).toMatchObject({ id: "b", path: "wavs/b.wav", line: 2 });
    expect(leftOut[0]?.reason).toMatch(/^cannot be read: decodeAudio: /);
  });

  test("samples that are no numbers", async () => {
    const wavFile = encodeWav(
      { samples: new Float32Array(22050), sampleRateHz: 22050 },
      { bits: "float" },
    );
    new DataView(wavFile.buffer).setFloat32(wavFile.length - 4, Number.NaN, true);

    const { leftOut } = await prepare("b|dog", { "wavs/b.wav": wavFile });

    expect(leftOut[0]?.reason).toMatch(/no numbers|not a number|NaN/);
  });

  test("a clip too short for one window even where no limit is set", async () => {
    const { leftOut } = await prepare("b|dog", { "wavs/b.wav": tone(0.01) }, { minimumSeconds: 0 });

    expect(leftOut[0]?.reason).toMatch(/^cannot be read: /);
  });

  test("a file that the disk refuses", async () => {
    const files = memoryFiles({
      "metadata.csv": "ok|fox\nb|dog",
      "wavs/ok.wav": tone(1),
      "wavs/b.wav": "",
    });
    const read = async (path: string) => {
      if (path === "wavs/b.wav") throw new Error("EACCES: permission denied");
      return files.read(path);
    };

    const { leftOut } = await prepareDataset({ ...files, read }, { tokenizer });

    expect(leftOut.map(problemText)).toEqual([
      "metadata.csv:2: wavs/b.wav cannot be read: Error: EACCES: permission denied; see that you may read it",
    ]);
  });

  test("all that the list's reader left out, in the order of the lines", async () => {
    const { clips, leftOut } = await prepare("b\nc|dog\n|x\nok|again", {
      "wavs/c.wav": tone(0.1),
      "wavs/z.wav": tone(1),
    });

    expect(clips.map(({ id }) => id)).toEqual(["ok"]);
    expect(leftOut.map(({ id, line }) => [id, line])).toEqual([
      ["b", 2],
      ["c", 3],
      ["", 4],
      ["ok", 5],
      ["z", 0],
    ]);
  });
});

test("a dataset of which nothing is left says why", async () => {
  const lines = Array.from({ length: 12 }, (_, i) => `${i}|dog`);
  const files = memoryFiles({ "metadata.csv": lines.join("\n") }, "my voice");

  const error: DatasetError = await prepareDataset(files, { tokenizer }).catch((e) => e);

  expect(error).toBeInstanceOf(DatasetError);
  expect(error.problems).toHaveLength(12);
  expect(error.message.split("\n").slice(0, 2)).toEqual([
    "my voice: no clip can be used:",
    "  metadata.csv:1: wavs/0.wav is missing; add the file, or take the line out",
  ]);
  expect(error.message.split("\n").at(-1)).toBe("  … and 2 more");
});

describe("sounds of other kinds", () => {
  const wave = (from: number, to: number, rate: number) =>
    Float32Array.from({ length: rate }, (_, i) =>
      i >= from * rate && i < to * rate ? 0.5 * Math.sin(i / 5) : 0,
    );
  const stereo = (left: Float32Array, right: Float32Array, sampleRateHz: number) =>
    encodeWav({ channels: [left, right], sampleRateHz });

  test("of several channels are averaged, without those that are silent", async () => {
    const left = wave(0, 1, 22050);
    const { clips } = await prepare("b|dog\nc|dog", {
      "wavs/b.wav": stereo(
        left,
        left.map((sample) => sample / 2),
        22050,
      ),
      "wavs/c.wav": stereo(left, new Float32Array(22050), 22050),
    });

    const peaks = clips.map(({ samples }) => Math.max(...samples).toFixed(2));
    expect(peaks).toEqual(["0.50", "0.38", "0.50"]);
  });

  test("whose channels cancel each other are left out", async () => {
    const left = wave(0, 1, 22050);

    const { leftOut } = await prepare("b|dog", {
      "wavs/b.wav": stereo(
        left,
        left.map((sample) => -sample),
        22050,
      ),
    });

    expect(leftOut.map(problemText)).toEqual([
      "metadata.csv:2: wavs/b.wav has channels that cancel each other; save one of its channels alone",
    ]);
  });

  test("are trimmed where that is wanted, and measured after it", async () => {
    const samples = new Float32Array(20 * 8000);
    samples.set(wave(0, 1, 8000), 8 * 8000);
    const files = { "wavs/b.wav": encodeWav({ samples, sampleRateHz: 8000 }) };

    const { clips } = await prepare("b|dog", files, { trim: { keepSeconds: 0.1 } });

    expect(clips[1]?.seconds).toBeCloseTo(1.2, 5);
    expect((await prepare("b|dog", files)).leftOut).toMatchObject([{ fault: "too-long" }]);
  });
});

describe("parts of recordings", () => {
  /** Half a second of tone, half a second of silence, and so on. */
  const samples = Float32Array.from({ length: 5 * 22050 }, (_, i) =>
    i % 22050 < 11025 ? 0.5 * Math.sin(i / 5) : 0,
  );
  const long = encodeWav({ samples, sampleRateHz: 22050 });
  const read = async (rows: readonly object[], options: Partial<PrepareOptions> = {}) =>
    prepareDataset(
      memoryFiles({
        "metadata.jsonl": rows.map((row) => JSON.stringify(row)).join("\n"),
        "long.wav": long,
      }),
      { tokenizer, ...options },
    );

  test("are cut to the sample", async () => {
    const { clips } = await read([
      { audio: "long.wav", text: "fox", start: 1, end: 2 },
      { audio: "long.wav", text: "dog", start: 2.25, duration: 1 },
      { audio: "long.wav", text: "the", start: 2, end: 5.01 },
    ]);

    expect(clips.map((clip) => clip.samples.length)).toEqual([22050, 22050, 3 * 22050]);
    expect(clips[1]?.samples).toEqual(
      clips[2]?.samples.subarray(Math.round(2.25 * 22050) - 2 * 22050).subarray(0, 22050),
    );
  });

  test("that are not in the recording are left out", async () => {
    const { leftOut } = await read([
      { audio: "long.wav", text: "fox", start: 1, end: 2 },
      { audio: "long.wav", text: "dog", start: 4, end: 6 },
    ]);

    expect(leftOut.map(problemText)).toEqual([
      "metadata.jsonl:2: long.wav lasts 5.00 s, but the clip is said to go from 4 to 6 s; correct the times, or take the line out",
    ]);
  });

  test("from subtitles begin and end in the pauses, even if the times cut words off", async () => {
    const srt = "00:00:01,050 --> 00:00:01,450\nfox\n\n00:00:03,100 --> 00:00:03,450\ndog\n";

    const { clips } = await prepareDataset(memoryFiles({ "long.srt": srt, "long.wav": long }), {
      tokenizer,
      minimumSeconds: 0,
    });

    for (const { samples: part } of clips) {
      expect(part[0]).toBe(0);
      expect(part.at(-1)).toBe(0);
    }
    expect(clips.map(({ seconds }) => seconds > 0.5)).toEqual([true, true]);
  });
});
