import { encodeWav } from "@hawksbill/audio";
import { expect, test } from "vitest";
import type { GivenFile } from "../clips.js";
import { findClips } from "./find-clips.js";
import { givenFiles } from "./given-files.js";

function wav(seconds: number): Blob {
  const samples = Float32Array.from({ length: seconds * 22_050 }, (_, i) => Math.sin(i / 20) / 2);
  return new Blob([encodeWav({ samples, sampleRateHz: 22_050 }) as Uint8Array<ArrayBuffer>]);
}

function files(contents: Readonly<Record<string, Blob | string>>): GivenFile[] {
  return Object.entries(contents).map(([path, content]) => ({ path, file: new Blob([content]) }));
}

async function found(contents: Readonly<Record<string, Blob | string>>): Promise<string[]> {
  const clips = await findClips(givenFiles(files(contents)));
  return clips.map(({ name, text, extension }) => `${name}.${extension}: ${text}`);
}

test("reads a dataset in a folder that was dropped", async () => {
  expect(
    await found({ "my-voice/metadata.csv": "a|Hello.\n", "my-voice/wavs/a.wav": wav(1) }),
  ).toEqual(["a.wav: Hello."]);
});

test("keeps recordings without a text, to be written", async () => {
  expect(await found({ "a.wav": wav(1), "b.flac": wav(1) })).toEqual(["a.wav: ", "b.flac: "]);
});

test("keeps recordings that a list does not name", async () => {
  expect(await found({ "metadata.csv": "a|Hello.\n", "a.wav": wav(1), "b.wav": wav(1) })).toEqual([
    "a.wav: Hello.",
    "b.wav: ",
  ]);
});

test("cuts long recordings by their subtitles", async () => {
  const srt = "1\n00:00:00,000 --> 00:00:05,000\nOne.\n\n2\n00:00:08,000 --> 00:00:13,000\nTwo.\n";
  expect(await found({ "talk.wav": wav(14), "talk.srt": srt })).toEqual([
    "talk-0001.wav: One.",
    "talk-0002.wav: Two.",
  ]);
});

test("finds nothing among other files", async () => {
  expect(await found({ "notes.txt": "Hello." })).toEqual([]);
});
