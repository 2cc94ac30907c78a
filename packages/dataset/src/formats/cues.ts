import type { Wrong } from "../list-row.js";
import type { TextLine } from "../text-lines.js";

/** A stretch of a recording with what is said in it, as subtitles and recognisers give it. */
export interface Cue {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly text: string;
  /** Where its file has it, counted from 1. */
  readonly line: number;
}

/** A cue of which no clip can be made. */
export interface WrongCue {
  readonly wrong: Wrong;
  readonly line: number;
}

/** Cues of subtitles, SRT or WebVTT. */
export function subtitleCues(lines: readonly TextLine[]): (Cue | WrongCue)[] {
  const found = blocks(lines).flatMap(blockCue);
  return found.some((cue) => !("wrong" in cue) || cue.wrong !== noTimes) ? found : [];
}

/** Lines that no blank one parts. */
function blocks(lines: readonly TextLine[]): TextLine[][] {
  const all: TextLine[][] = [[]];
  for (const line of lines)
    if (line.text?.trim() === "") all.push([]);
    else all.at(-1)?.push(line);
  return all.filter((block) => block.length > 0);
}

const time = String.raw`((?:\d+:)?\d+:\d+[.,]\d+)`;
const arrow = new RegExp(`^\\s*${time}\\s*-->\\s*${time}`);
/** What was to be such a line, but is written in another way. */
const almostArrow = /-->|^\s*\d+:\d\d\S*\s*-+\s*>/;

function blockCue(block: readonly TextLine[]): (Cue | WrongCue)[] {
  const at = block.findIndex(({ text = "" }) => arrow.test(text));
  const times = arrow.exec(block[at]?.text ?? "");
  if (!times) return isNoCue(block) ? [] : [wrongBlock(block)];
  const [, start = "", end = ""] = times;
  const text = block
    .slice(at + 1)
    .map(({ text }) => text)
    .join(" ")
    .replace(/<[^>]*>|\{\\[^}]*\}/g, ""); // Marks of italics, speakers, places.
  const line = block[at]?.number ?? 1;
  return [cueOf({ startSeconds: seconds(start), endSeconds: seconds(end), text, line })];
}

/** What else WebVTT has, and the number of a cue that is empty. */
function isNoCue([first, ...more]: readonly TextLine[]): boolean {
  const text = first?.text?.trim() ?? "";
  return /^(WEBVTT|NOTE|STYLE|REGION)\b/.test(text) || (more.length === 0 && /^\d+$/.test(text));
}

function wrongBlock(block: readonly TextLine[]): WrongCue {
  const almost = block.find(({ text = "" }) => almostArrow.test(text));
  const line = (almost ?? block[0])?.number ?? 1;
  return { wrong: almost ? badTimes(`are written ${almost.text?.trim()}`) : noTimes, line };
}

const noTimes: Wrong = {
  fault: "bad-line",
  reason: "the text has no times",
  advice: "write them above it, e.g. 00:00:01,000 --> 00:00:02,500",
};

/** Cues of what Whisper and its kin write: `{ segments: [{ start, end, text }] }`. */
export function segmentCues(value: unknown): (Cue | WrongCue)[] {
  const { segments } = Object(value) as { segments?: unknown };
  if (!Array.isArray(segments)) return [];
  return segments.map((segment, i) => {
    const { start, end, text } = Object(segment) as Record<string, unknown>;
    const [startSeconds, endSeconds] = [start, end].map(numberOf) as [number, number];
    const said = String(text ?? "");
    return cueOf({ startSeconds, endSeconds, text: said, line: 1 }, ` of segment ${i + 1}`);
  });
}

function numberOf(value: unknown): number {
  return typeof value === "string" || typeof value === "number" ? Number(value) : Number.NaN;
}

/** A cue where it is one; who reads what is wrong learns `whose` time or text it is. */
function cueOf({ text, ...place }: Cue, whose = ""): Cue | WrongCue {
  const { startSeconds, endSeconds, line } = place;
  const tidy = text.replace(/\s+/g, " ").trim();
  if (!(startSeconds >= 0 && endSeconds > startSeconds))
    return { wrong: badTimes(`go from ${startSeconds} to ${endSeconds}`, whose), line };
  if (tidy !== "") return { ...place, text: tidy };
  const reason = `the text${whose} is empty`;
  return {
    wrong: { fault: "empty-text", reason, advice: "write what is said, or take it out" },
    line,
  };
}

function badTimes(what: string, whose = ""): Wrong {
  return {
    fault: "bad-times",
    reason: `the times${whose} ${what}`,
    advice: "give a start and an end after it, e.g. 00:00:01,000 --> 00:00:02,500",
  };
}

/** `1:02:03,5` in seconds. */
function seconds(time: string): number {
  return time
    .replace(",", ".")
    .split(":")
    .reduce((sum, part) => 60 * sum + Number(part), 0);
}

/** Longer ones are cut where they stand; 10 s leave room for the pauses around. */
const longestSeconds = 10;
/** A clip goes on over shorter pauses than this. */
const longestPauseSeconds = 1;
/** A sentence that is shorter is joined with the next. */
const shortestSeconds = 1.5;

/**
 * Joins cues into whole sentences, as long as they are short enough and follow on one another: not over a wrong one,
 * whose words would be heard but not read.
 */
export function joinCues(cues: readonly (Cue | WrongCue)[]): (Cue | WrongCue)[] {
  const joined: (Cue | WrongCue)[] = [];
  for (const next of inTime(cues)) {
    const last = joined.at(-1);
    if (last && !("wrong" in last) && !("wrong" in next) && belongTogether(last, next))
      joined[joined.length - 1] = {
        startSeconds: last.startSeconds,
        endSeconds: Math.max(last.endSeconds, next.endSeconds),
        text: `${last.text} ${next.text}`,
        line: last.line,
      };
    else joined.push(next);
  }
  return joined;
}

/** By their beginnings; a wrong cue stays behind the one that it follows. */
function inTime(cues: readonly (Cue | WrongCue)[]): (Cue | WrongCue)[] {
  let start = 0;
  return cues
    .map((cue) => {
      if (!("wrong" in cue)) start = cue.startSeconds;
      return { cue, start };
    })
    .sort((a, b) => a.start - b.start)
    .map(({ cue }) => cue);
}

function belongTogether(last: Cue, next: Cue): boolean {
  const isWhole = /[.!?…。！？]["'”’)]*$/.test(last.text);
  const isLong = last.endSeconds - last.startSeconds >= shortestSeconds;
  return (
    !(isWhole && isLong) &&
    next.startSeconds - last.endSeconds <= longestPauseSeconds &&
    next.endSeconds - last.startSeconds <= longestSeconds
  );
}
