import { encodeWav } from "@hawksbill/audio";
import { trainTokenizer } from "@hawksbill/text";
import { expect, test } from "vitest";
import { syntheticSpeech } from "../test/synthetic-speech.js";
import { examineDataset, formatExamination, memoryFiles } from "./index.js";

test("puts the same faults together, and shows a few of each", async () => {
  const tokenizer = trainTokenizer(["the fox"], { vocabularySize: 12 });
  const files = memoryFiles({
    "metadata.csv": "a|the fox\nb|fox\nc|the\nd|\n",
    "wavs/a.wav": encodeWav({ samples: syntheticSpeech(1), sampleRateHz: 22050 }),
  });

  const examination = await examineDataset(files, { tokenizer });

  expect(formatExamination(examination, { mostOfEach: 1 })).toBe(
    [
      "clips     1",
      "speech    1.0 s",
      "a clip    1.0 to 1.0, median 1.0 s",
      "its text  4 to 4, median 4 tokens",
      "rate      22050 Hz",
      "noise     -91 to -91, median -91 dBFS",
      "",
      "Left out: 3",
      "  Recordings that are missing: 2",
      "    metadata.csv:2: wavs/b.wav is missing; add the file, or take the line out",
      "    … and 1 more",
      "  Empty texts: 1",
      "    metadata.csv:4: the text is empty; write what is said, or take the line out",
      "",
      "Worth a look: 2",
      "  Speakers with one clip: 1",
      "    metadata.csv:1: wavs/a.wav is the only clip of the speaker, and would be its own example of the voice; add another one, or take it out",
      "  Little speech: 1",
      "    there are 1 s of speech; two minutes are the least for a voice, ten are better",
    ].join("\n"),
  );
});
