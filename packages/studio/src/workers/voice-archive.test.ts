import { encodeWav } from "@hawksbill/audio";
import { strFromU8, unzipSync } from "fflate";
import { expect, test } from "vitest";
import { memoryFolder } from "./memory-folder.js";
import { voiceArchive } from "./voice-archive.js";

test("has all clips, those that are not learnt from apart", async () => {
  const folder = memoryFolder();
  const wav = encodeWav({ samples: new Float32Array(10).fill(0.1), sampleRateHz: 22_050 });
  for (const id of ["a", "b"]) await folder.write(`clips/${id}.wav`, wav);
  await folder.write("clips/c.flac", "no sound");
  const clips = ["a.wav", "b.wav", "c.flac"].map((name, i) => {
    const file = `clips/${name}`;
    return { id: name.slice(0, 1), name, file, text: `Text ${i}.`, isUsed: i === 0 };
  });

  const files = unzipSync(await voiceArchive(clips, folder));

  expect(Object.keys(files).sort()).toEqual([
    ...["left-out/metadata.csv", "left-out/wavs/b.wav", "left-out/wavs/c.flac"],
    ...["metadata.csv", "wavs/a.wav"],
  ]);
  expect(strFromU8(files["metadata.csv"] as Uint8Array)).toBe("a|Text 0.\n");
  expect(strFromU8(files["left-out/metadata.csv"] as Uint8Array)).toBe("b|Text 1.\nc|Text 2.\n");
});
