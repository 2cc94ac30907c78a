import { expect, test } from "vitest";
import { memoryFiles, readClips, writeList } from "./index.js";

test("a list that is written is read again", async () => {
  const audio = { "a b/1.wav": "", "long.wav": "" };
  const rows = [
    { audio: "a b/1.wav", text: 'Say "hi".', speaker: "anna", split: "test" },
    { audio: "long.wav", text: "One.", start: 0.5, end: 2, language: "en" },
    { audio: "long.wav", text: "Two.", start: 2, end: 3, rough: true },
  ];
  const lists = { "metadata.jsonl": rows.map((row) => JSON.stringify(row)).join("\n") };
  const { clips } = await readClips(memoryFiles({ ...lists, ...audio }));

  const again = await readClips(
    memoryFiles({ "clean.jsonl": writeList(clips), ...lists, ...audio }),
    { list: "clean.jsonl" },
  );

  expect(clips.at(-1)?.span).toEqual({ startSeconds: 2, endSeconds: 3, isRough: true });
  expect(again.problems).toEqual([]);
  expect(again.clips).toEqual(clips.map((clip) => ({ ...clip, list: "clean.jsonl" })));
});
