import { encodeWav } from "@hawksbill/audio";
import { trainTokenizer } from "@hawksbill/text";
import { expect, test } from "vitest";
import {
  type CheckedClip,
  DatasetError,
  memoryFiles,
  openDataset,
  prepareDataset,
} from "./index.js";

const tokenizer = trainTokenizer(["the quick brown fox"], { vocabularySize: 40 });
const tone = (seconds: number) =>
  encodeWav({
    samples: Float32Array.from({ length: seconds * 16000 }, (_, i) => 0.5 * Math.sin(i / 9)),
    sampleRateHz: 16000,
  });

test("gives the clips of prepareDataset one by one", async () => {
  const files = memoryFiles({
    "metadata.csv": "a|fox\nb|brown\nc|the",
    "wavs/a.wav": tone(1),
    "wavs/b.wav": tone(2),
  });

  const opened = await openDataset(files, { tokenizer });
  const { clips, leftOut } = await prepareDataset(files, { tokenizer });

  expect(opened.leftOut).toEqual(leftOut);
  expect(await Promise.all(opened.clips.map(opened.read))).toEqual(clips);
  expect(opened.clips.map(({ sampleCount, seconds }) => [sampleCount, seconds])).toEqual([
    [22050, 1],
    [44100, 2],
  ]);
});

test("knows the same sound by its hash, whatever it is called", async () => {
  const files = memoryFiles({
    "metadata.csv": "a|fox\nb|fox\nc|fox",
    "wavs/a.wav": tone(1),
    "wavs/b.wav": tone(1),
    "wavs/c.wav": tone(2),
  });

  const [a, b, c] = (await openDataset(files, { tokenizer })).clips;

  expect(a?.hash).toBe(b?.hash);
  expect(a?.hash).not.toBe(c?.hash);
});

test("notices that a recording has changed, or is gone", async () => {
  const contents: Record<string, string | Uint8Array> = {
    "metadata.csv": "a|fox",
    "wavs/a.wav": tone(1),
  };
  const files = {
    ...memoryFiles(contents, "voice"),
    read: (path: string) => memoryFiles(contents).read(path),
  };
  const { clips, read } = await openDataset(files, { tokenizer });
  const changed = new DatasetError(
    "voice: wavs/a.wav has changed since the dataset was opened; open it again",
  );

  contents["wavs/a.wav"] = tone(2);
  await expect(read(clips[0] as CheckedClip)).rejects.toThrow(changed);
  delete contents["wavs/a.wav"];
  await expect(read(clips[0] as CheckedClip)).rejects.toThrow(changed);
});
