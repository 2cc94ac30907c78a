import { encodeWav } from "@hawksbill/audio";
import { expect, test } from "vitest";
import { clipSounds, DatasetError, memoryFiles, readClips } from "./index.js";

const ramp = encodeWav({
  samples: Float32Array.from({ length: 16_000 }, (_, i) => i / 16_000),
  sampleRateHz: 16_000,
});

test("reads the parts of recordings that a list names", async () => {
  const rows = [
    { audio: "a.wav", text: "Hi.", start: 0.25, end: 0.5 },
    { audio: "a.wav", text: "All.", start: 0.5, end: 1 },
  ];
  const list = rows.map((row) => JSON.stringify(row)).join("\n");
  const files = memoryFiles({ "metadata.jsonl": list, "a.wav": ramp });
  const { clips } = await readClips(files);

  const sounds = await Promise.all(clips.map(clipSounds(files)));

  expect(sounds.map(({ samples, sampleRateHz }) => [samples.length, sampleRateHz])).toEqual([
    [4000, 16_000],
    [8000, 16_000],
  ]);
  expect(sounds[1]?.samples[0]).toBeCloseTo(0.5, 3);
});

test("says where a recording cannot be read", async () => {
  const files = memoryFiles({ "metadata.csv": "a|Hi.", "wavs/a.wav": "no sound" }, "voice");
  const [clip] = (await readClips(files)).clips;

  const sound = clipSounds(files)(clip as NonNullable<typeof clip>);

  await expect(sound).rejects.toThrow(DatasetError);
  await expect(sound).rejects.toThrow("voice: metadata.csv:1: wavs/a.wav cannot be read: ");
});
