import { describe, expect, test } from "vitest";
import { DatasetError, memoryFiles, problemText, readClips } from "./index.js";

/** Reads a dataset of these lists, with empty recordings at these paths. */
function read(
  lists: Record<string, string | Uint8Array>,
  recordings: readonly string[],
  options: Parameters<typeof readClips>[1] = {},
) {
  const audio = Object.fromEntries(recordings.map((path) => [path, new Uint8Array()]));
  return readClips(memoryFiles({ ...lists, ...audio }, "voice"), options);
}

/** The clips without where they are listed. */
async function clipsOf(...args: Parameters<typeof read>) {
  const { clips, problems } = await read(...args);
  expect(problems.map(problemText)).toEqual([]);
  return clips.map(({ list: _, line: __, ...clip }) => clip);
}

describe("reads", () => {
  test("the lists of DL-Art-School, each a part of the dataset", async () => {
    const lists = { "train.txt": "wavs/a.wav|One.\n", "validation.txt": "wavs/b.wav|Two.\n" };

    expect(await clipsOf(lists, ["wavs/a.wav", "wavs/b.wav"])).toEqual([
      { id: "a", path: "wavs/a.wav", text: "One.", split: "training" },
      { id: "b", path: "wavs/b.wav", text: "Two.", split: "heldOut" },
    ]);
  });

  test("a list in another folder, with paths from there", async () => {
    const lists = { "en/train.txt": "wavs/a.wav|One.\n" };

    expect(await clipsOf(lists, ["en/wavs/a.wav"], { list: "en/train.txt" })).toEqual([
      { id: "a", path: "en/wavs/a.wav", text: "One." },
    ]);
  });

  test("lists in several folders, whose clips may have the same names", async () => {
    const lists = { "a/train.txt": "wavs/1.wav|One.\n", "b/val.txt": "wavs/1.wav|Two.\n" };
    const options = { list: Object.keys(lists) };

    expect(await clipsOf(lists, ["a/wavs/1.wav", "b/wavs/1.wav"], options)).toEqual([
      { id: "a/1", path: "a/wavs/1.wav", text: "One.", split: "training" },
      { id: "b/1", path: "b/wavs/1.wav", text: "Two.", split: "heldOut" },
    ]);
  });

  test("speakers as a column of numbers", async () => {
    const lists = { "train.txt": "a.wav|0|One.\nb.wav|12|Two.\n" };

    expect(await clipsOf(lists, ["a.wav", "b.wav"])).toEqual([
      { id: "a", path: "a.wav", text: "One.", speaker: "0" },
      { id: "b", path: "b.wav", text: "Two.", speaker: "12" },
    ]);
  });

  test("tab-separated text and path, with aligned codes or in the other order", async () => {
    const clips = [{ id: "a", path: "a.wav", text: "Hi, you." }];

    expect(await clipsOf({ "all.tsv": "Hi, you.\ta.wav\t[1, 2]\n" }, ["a.wav"])).toEqual(clips);
    expect(await clipsOf({ "all.tsv": "a.wav\tHi, you.\n" }, ["a.wav"])).toEqual(clips);
  });

  test("Mozilla Common Voice", async () => {
    const lists = {
      "train.tsv": 'client_id\tpath\tsentence\tlocale\nf00\ta.mp3\tSay "hi".\ten\n',
      "dev.tsv": "client_id\tpath\tsentence\tlocale\nf01\tb.mp3\tNo.\ten\n",
      "test.tsv": "client_id\tpath\tsentence\tlocale\nf02\tc.mp3\tYes.\ten\n",
      "validated.tsv": "client_id\tpath\tsentence\tlocale\n",
    };

    expect(await clipsOf(lists, ["clips/a.mp3", "clips/b.mp3", "clips/c.mp3"])).toEqual([
      {
        id: "a",
        path: "clips/a.mp3",
        text: 'Say "hi".',
        speaker: "f00",
        language: "en",
        split: "training",
      },
      {
        id: "b",
        path: "clips/b.mp3",
        text: "No.",
        speaker: "f01",
        language: "en",
        split: "heldOut",
      },
      {
        id: "c",
        path: "clips/c.mp3",
        text: "Yes.",
        speaker: "f02",
        language: "en",
        split: "heldOut",
      },
    ]);
  });

  test("VoxPopuli, whose raw text may be missing", async () => {
    const head = "id\traw_text\tnormalized_text\tspeaker_id\tsplit\tgender\n";
    const rows =
      "20100210-1-en_1\tYes, we can.\tyes we can\t7\ttrain\tmale\n20100210-1-en_2\t\tno\t7\ttest\t\n";
    const recordings = ["2010/20100210-1-en_1.ogg", "2010/20100210-1-en_2.ogg.wav"];

    const clips = await clipsOf({ "asr_train.tsv": head + rows }, recordings);

    expect(clips.map(({ path, text, split }) => [path, text, split])).toEqual([
      [recordings[0], "Yes, we can.", "training"],
      [recordings[1], "no", "heldOut"],
    ]);
  });

  test("tables of Coqui, and of Hugging Face with quotes over several lines", async () => {
    const coqui = { "metadata.csv": "audio_file|text|speaker_name\nwavs/a.wav|Hi.|anna\n" };
    expect(await clipsOf(coqui, ["wavs/a.wav"])).toEqual([
      { id: "a", path: "wavs/a.wav", text: "Hi.", speaker: "anna" },
    ]);

    const quoted = 'file_name,transcription\na.wav,"Say ""hi"",\nyou."\nb.wav,No\n';
    const { clips } = await read({ "metadata.csv": quoted }, ["a.wav", "b.wav"]);
    expect(clips.map(({ text, line }) => [text, line])).toEqual([
      ['Say "hi",\nyou.', 2],
      ["No", 4],
    ]);
  });

  test("quotation marks that open no column, or never end one, take no other line with them", async () => {
    const table = [
      "file_name,transcription",
      'a.wav,The 5" disk.',
      'b.wav,"Never closed.',
      'c.wav,"Closed" too soon.',
      "d.wav,No.",
    ].join("\n");
    const { clips, problems } = await read(
      { "metadata.csv": table },
      ["a", "b", "c", "d"].map((id) => `${id}.wav`),
    );
    expect(clips.map(({ text }) => text)).toEqual(['The 5" disk.', "No."]);
    expect(problems.map(({ fault, line }) => [fault, line])).toEqual([
      ["bad-line", 3],
      ["bad-line", 4],
    ]);
  });

  test("JSON lines, with parts of recordings", async () => {
    const rows = [
      { audio: "long.wav", text: "One.", start: 0.5, end: 2, speaker: "anna", split: "test" },
      { audio: "long.wav", text: "Two.", offset: 2, duration: 1.5 },
      { id: "three", audio_filepath: "c.wav", sentence: "Three." },
    ];
    const list = rows.map((row) => JSON.stringify(row)).join("\n");

    expect(await clipsOf({ "metadata.jsonl": list }, ["long.wav", "c.wav"])).toEqual([
      {
        id: "long-0001",
        path: "long.wav",
        text: "One.",
        speaker: "anna",
        split: "heldOut",
        span: { startSeconds: 0.5, endSeconds: 2 },
      },
      {
        id: "long-0002",
        path: "long.wav",
        text: "Two.",
        span: { startSeconds: 2, endSeconds: 3.5 },
      },
      { id: "three", path: "c.wav", text: "Three." },
    ]);
  });

  test("a folder of recordings with their texts, a subfolder for each speaker", async () => {
    const texts = { "anna/a.txt": " Hello\nthere. ", "bob/a.txt": "Hi.", "notes.txt": "Not this." };

    expect(await clipsOf(texts, ["anna/a.wav", "bob/a.flac"])).toEqual([
      { id: "anna/a", path: "anna/a.wav", text: "Hello there.", speaker: "anna" },
      { id: "bob/a", path: "bob/a.flac", text: "Hi.", speaker: "bob" },
    ]);
  });

  test("LibriTTS and VCTK", async () => {
    const libri = "train-clean-100/103/1241/103_1241_000000_000001";
    const lists = {
      [`${libri}.original.txt`]: "Matthew 5",
      [`${libri}.normalized.txt`]: "Matthew five",
      "txt/p225/p225_001.txt": "Please call Stella.",
    };
    const recordings = [
      `${libri}.wav`,
      "wav48_silence_trimmed/p225/p225_001_mic1.flac",
      "wav48_silence_trimmed/p225/p225_001_mic2.flac",
    ];

    const { clips, problems } = await read(lists, recordings);

    expect(clips.map(({ text, speaker }) => [text, speaker])).toEqual([
      ["Matthew five", "103"],
      ["Please call Stella.", "p225"],
    ]);
    expect(problems.map(problemText)).toEqual([
      "wav48_silence_trimmed/p225/p225_001_mic2.flac: is the second microphone's, of a clip that the first one's is taken of; take the first one's away where the second is better",
    ]);
  });

  test.each([
    ["SRT", "a.srt", "1\r\n00:00:01,500 --> 00:00:03,000\r\n<i>Hello</i> there.\r\n\r\n"],
    ["WebVTT", "a.vtt", "WEBVTT\n\n00:01.500 --> 00:03.000 align:start\nHello\nthere.\n"],
    [
      "what Whisper writes",
      "a.json",
      '{"segments": [{"start": 1.5, "end": 3, "text": " Hello there."}]}',
    ],
    [
      "what mrq's front end writes",
      "whisper.json",
      '{"a.wav": {"segments": [{"start": 1.5, "end": 3, "text": " Hello there."}]}}',
    ],
  ])("parts of long recordings from %s", async (_, list, content) => {
    expect(await clipsOf({ [list]: content }, ["a.wav"])).toEqual([
      {
        id: "a-0001",
        path: "a.wav",
        text: "Hello there.",
        span: { startSeconds: 1.5, endSeconds: 3, isRough: true },
      },
    ]);
  });
});

test("a list of what is good in a dataset is not taken for its own", async () => {
  const good = { "clean.jsonl": '{"audio": "b.wav", "text": "Two"}' };

  expect(await clipsOf({ ...good, "all.tsv": "One\ta.wav" }, ["a.wav", "b.wav"])).toEqual([
    { id: "a", path: "a.wav", text: "One" },
  ]);
  expect(await clipsOf({ ...good, "a.txt": "One" }, ["a.wav"])).toEqual([
    { id: "a", path: "a.wav", text: "One" },
  ]);
});

test("each subtitle of which no clip can be made is told, and not joined over", async () => {
  const srt = [
    "1\n00:00:00,000 --> 00:00:01,000\nHello",
    "2\n00:00:01.200 -> 00:00:02,000\nthere,",
    "3\n00:00:02,200 --> 00:00:03,000\nyou.",
    "And you.",
    "4\n00:00:05,000 --> 00:00:04,000\nWrong.",
    "5\n00:00:06,000 --> 00:00:07,000\n<i></i>",
  ].join("\n\n");

  const { clips, problems } = await read({ "a.srt": srt }, ["a.wav"]);

  expect(clips.map(({ text, line }) => [text, line])).toEqual([
    ["Hello", 2],
    ["you.", 10],
  ]);
  expect(problems.map(problemText)).toEqual([
    "a.srt:6: the times are written 00:00:01.200 -> 00:00:02,000; give a start and an end after it, e.g. 00:00:01,000 --> 00:00:02,500",
    "a.srt:13: the text has no times; write them above it, e.g. 00:00:01,000 --> 00:00:02,500",
    "a.srt:16: the times go from 5 to 4; give a start and an end after it, e.g. 00:00:01,000 --> 00:00:02,500",
    "a.srt:20: the text is empty; write what is said, or take it out",
  ]);
});

test("each segment of Whisper's of which no clip can be made is told", async () => {
  const segments = [
    { start: 0, end: 1, text: "Hello." },
    { start: null, end: 2, text: "there" },
    { start: 2, end: 3, text: " " },
  ];

  const { clips, problems } = await read({ "a.json": JSON.stringify({ segments }) }, ["a.wav"]);

  expect(clips.map(({ text }) => text)).toEqual(["Hello."]);
  expect(problems.map(({ fault, reason }) => [fault, reason])).toEqual([
    ["bad-times", "the times of segment 2 go from NaN to 2"],
    ["empty-text", "the text of segment 3 is empty"],
  ]);
});

test("recordings in formats that cannot be read are told as such, however they are listed", async () => {
  const told = async (...args: Parameters<typeof read>) =>
    (await read(...args)).problems.map(problemText);
  const advice = "convert it to WAV, FLAC, MP3 or Ogg, e.g. ffmpeg -i input output.flac";
  const reason = `is in a format that cannot be read; ${advice}`;

  expect(await told({ "metadata.csv": "a.m4a|One\nb|Two" }, ["wavs/a.m4a", "wavs/b.aac"])).toEqual([
    `metadata.csv:1: wavs/a.m4a ${reason}`,
    `metadata.csv:2: wavs/b.aac ${reason}`,
  ]);
  expect(await told({ "metadata.csv": "a.m4a|One" }, [])).toEqual([
    "metadata.csv:1: wavs/a.m4a is missing; add the file, or take the line out",
  ]);
  expect(await told({ "a.txt": "One", "b.txt": "Two" }, ["a.m4a", "b.mp4", "b.wav"])).toEqual([
    `a.txt:1: a.m4a ${reason}`,
  ]);
});

test("texts without a recording are told where others have one", async () => {
  const texts = { "anna/a.txt": "One", "anna/b.txt": "Two", "anna/README.txt": "", "c.txt": "" };

  const { clips, problems } = await read(texts, ["anna/a.wav"]);

  expect(clips.map(({ id }) => id)).toEqual(["anna/a"]);
  expect(problems.map(problemText)).toEqual([
    "anna/b.txt:1: has no recording; put one of the same name beside it, or take it out",
  ]);
});

test("a list may be given by name, and how it is written", async () => {
  const lists = { "metadata.csv": "a|One", "other.list": "a|Two" };

  expect(await clipsOf(lists, ["a.wav"], { list: "other.list", format: "lj" })).toEqual([
    { id: "a", path: "a.wav", text: "Two" },
  ]);
});

describe("says what is wrong with", () => {
  test.each([
    [
      "a line that is no JSON",
      { "metadata.jsonl": "{\n" },
      'metadata.jsonl:1: the line is no JSON object; write it as {"audio": "wavs/a.wav", "text": "What is said."}',
    ],
    [
      "a line without audio",
      { "metadata.jsonl": '{"text": "Hi."}' },
      "metadata.jsonl:1: the line names no audio file; give it as audio, or take the line out",
    ],
    [
      "times in the wrong order",
      { "metadata.jsonl": '{"audio": "a.wav", "text": "Hi.", "start": 2, "end": 1}' },
      "metadata.jsonl:1: the clip is said to go from 2 to 1; give start and end in seconds, the end after the start",
    ],
    [
      "a row with too few columns",
      { "metadata.csv": "path\ttext\tspeaker\na.wav\tHi.\n" },
      "metadata.csv:2: the line has 2 columns, expected 3; give each column of the first line, empty ones too",
    ],
    [
      "a line without a tab",
      { "all.tsv": "Hi.\ta.wav\nHo\nHa.\ta.wav" },
      "all.tsv:2: the line has no tab; write it as text, tab, path",
    ],
    [
      "a clip in two lists",
      { "train.txt": "a.wav|Hi.", "valid.txt": "a.wav|Hi." },
      "valid.txt:1: a.wav is the clip of train.txt:1 already; keep the line whose text is right",
    ],
    [
      "a recording without a text",
      { "b.txt": "Hi." },
      "a.wav: has no text; write what is said into a file of the same name that ends in .txt, or take it out",
    ],
    [
      "a text that is not UTF-8",
      { "a.txt": Uint8Array.of(0xe9) },
      "a.txt:1: the text is not UTF-8; save it as UTF-8",
    ],
    [
      "an empty text",
      { "a.txt": " \n" },
      "a.txt:1: the text is empty; write what is said, or take the line out",
    ],
    [
      "subtitles without times",
      { "a.srt": "Hi." },
      "a.srt:1: there are no times with texts in it; give SRT, WebVTT, or JSON with segments of start, end and text",
    ],
  ])("%s", async (_, lists, problem) => {
    const { problems } = await read(lists as Record<string, string>, ["a.wav", "b.wav"]);

    expect(problems.map(problemText)).toContain(problem);
  });

  test.each([
    [{ "train.txt": "b|Hi.\n", "valid.txt": "b|Hi.\n" }, "train.txt, valid.txt", "lines id|text"],
    [{ "all.tsv": "Hi.\tb.wav\n" }, "all.tsv", "lines of text, tab, path"],
    [
      { "metadata.csv": "path|text\nb.wav|Hi.\n" },
      "metadata.csv",
      "lines with the columns of the first one",
    ],
    [
      { "metadata.jsonl": '{"audio": "b.wav", "text": "Hi."}' },
      "metadata.jsonl",
      'lines {"audio": "wavs/a.wav", "text": "What is said."}',
    ],
    [{ "whisper.json": '{"b.wav": []}' }, "whisper.json", "what Whisper hears in them"],
  ])("a recording that %j does not name", async (lists, names, more) => {
    const { problems } = await read(lists as Record<string, string>, ["wavs/a.wav", "wavs/b.wav"]);

    expect(problems.map(problemText)).toContain(
      `wavs/a.wav: no line of ${names} names it; add ${more} to use them`,
    );
  });

  test("a folder without lists or texts", async () => {
    await expect(read({}, ["a.wav"])).rejects.toThrow(
      'voice: there is no metadata.csv (found a.wav); write one with a line "id|text" for each wavs/id.wav, or put a text id.txt beside each id.wav',
    );
  });

  test("a folder with several lists", async () => {
    await expect(read({ "a.csv": "a|Hi.", "b.csv": "a|Hi." }, ["a.wav"])).rejects.toThrow(
      "voice: there are several lists, and none is called metadata.csv: a.csv, b.csv; give the one that is meant, e.g. voice/a.csv",
    );
  });

  test("a list that is not there, and a table without names", async () => {
    await expect(read({}, ["a.wav"], { list: "b.txt" })).rejects.toThrow(
      new DatasetError(
        "voice: there is no list b.txt (found a.wav); give a list's path from the folder on",
      ),
    );
    await expect(
      read({ "b.txt": "a.wav|Hi." }, ["a.wav"], { list: "b.txt", format: "table" }),
    ).rejects.toThrow("b.txt: the first line does not name columns of audio and text");
  });
});
