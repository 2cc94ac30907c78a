import { subtitles } from "@hawksbill/tortoise";
import { expect, test } from "vitest";

const cues = [
  { startSeconds: 0, endSeconds: 1.2344, text: "One & two." },
  { startSeconds: 3661.9996, endSeconds: 3663, text: "Three\n--> four." },
];

test("SubRip has commas in its times", () => {
  expect(subtitles(cues, "srt")).toBe(`1
00:00:00,000 --> 00:00:01,234
One & two.

2
01:01:02,000 --> 01:01:03,000
Three --> four.
`);
});

test("words in brackets, which are not heard, are not shown", () => {
  const cue = { startSeconds: 0, endSeconds: 1, text: "[I am so sad,] please go." };
  expect(subtitles([cue], "srt")).toBe("1\n00:00:00,000 --> 00:00:01,000\nplease go.\n");
});

test("WebVTT has a head, points, and its marks escaped", () => {
  expect(subtitles(cues, "vtt")).toBe(`WEBVTT

1
00:00:00.000 --> 00:00:01.234
One &amp; two.

2
01:01:02.000 --> 01:01:03.000
Three --&gt; four.
`);
});
