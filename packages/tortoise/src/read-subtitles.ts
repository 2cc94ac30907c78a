import { heardText } from "./pipeline/brackets.js";

/** A stretch of speech and its words. */
export interface Cue {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly text: string;
}

/** Subtitles for a player, of the words that are heard: SubRip (.srt) or WebVTT (.vtt). */
export function subtitles(cues: readonly Cue[], format: "srt" | "vtt"): string {
  const mark = format === "srt" ? "," : ".";
  const blocks = cues.map(({ startSeconds, endSeconds, text }, i) => {
    const line = heardText(text).replace(/\s+/g, " ").trim();
    const words = format === "vtt" ? escaped(line) : line;
    return `${i + 1}\n${clock(startSeconds, mark)} --> ${clock(endSeconds, mark)}\n${words}\n`;
  });
  return (format === "vtt" ? ["WEBVTT\n", ...blocks] : blocks).join("\n");
}

/** `01:02:03,456`. */
function clock(seconds: number, mark: string): string {
  const milliseconds = Math.round(seconds * 1000);
  const digits = (value: number, count: number): string => `${value}`.padStart(count, "0");
  const unit = (size: number, base = 60): string =>
    digits(Math.floor(milliseconds / size) % base, 2);
  return `${unit(3_600_000, 1e9)}:${unit(60_000)}:${unit(1000)}${mark}${digits(milliseconds % 1000, 3)}`;
}

/** In WebVTT, & and < begin marks, and --> a time. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
