import { expect, test } from "vitest";
import { type Clip, formatReport } from "./index.js";

/** A clip of which the report reads only how long it is. */
function clip(seconds: number, tokens: number): Clip {
  const mel = { data: new Float32Array(), bands: 80, frames: 0 };
  const samples = new Float32Array();
  const named = { id: "a", path: "wavs/a.wav", text: "", list: "metadata.csv", line: 1 };
  return { ...named, seconds, tokens: new Int32Array(tokens), samples, mel };
}

test("shows how much there is and what was left out", () => {
  const list = "metadata.csv";
  const missing = { fault: "missing-file", reason: "is missing", advice: "add the file" } as const;
  const unlisted = {
    fault: "unlisted-files",
    reason: "no line names it",
    advice: "add a line",
  } as const;
  const leftOut = [
    { ...missing, id: "b", path: "wavs/b.wav", list, line: 2 },
    { ...unlisted, id: "z", path: "wavs/z.wav", list: "", line: 0 },
  ];

  expect(formatReport({ clips: [clip(7.25, 30), clip(0.8, 5), clip(3, 9)], leftOut })).toBe(
    [
      "clips     3",
      "speech    11.1 s",
      "a clip    0.8 to 7.3, median 3.0 s",
      "its text  5 to 30, median 9 tokens",
      "left out  2",
      "  metadata.csv:2: wavs/b.wav is missing; add the file",
      "  wavs/z.wav: no line names it; add a line",
    ].join("\n"),
  );
});

test("says when nothing was left out, and counts minutes and hours", () => {
  const lines = (seconds: number) =>
    formatReport({ clips: [clip(seconds, 1)], leftOut: [] }).split("\n");

  expect(lines(90)[1]).toBe("speech    1.5 min");
  expect(lines(5400)[1]).toBe("speech    1.50 h");
  expect(lines(90).at(-1)).toBe("left out  nothing");
});
