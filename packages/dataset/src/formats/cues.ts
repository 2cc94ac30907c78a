/** A stretch of a recording with what is said in it, as subtitles and recognisers give it. */
export interface Cue {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly text: string;
}

/** Cues of subtitles, SRT or WebVTT. */
export function subtitleCues(text: string): Cue[] {
  const time = String.raw`((?:\d+:)?\d+:\d+[.,]\d+)`;
  const arrow = new RegExp(`^\\s*${time}\\s*-->\\s*${time}`);
  return text.split(/\r?\n\s*\r?\n|\r\r/).flatMap((block) => {
    const lines = block.split(/\r\n|\r|\n/);
    const at = lines.findIndex((line) => arrow.test(line));
    const found = arrow.exec(lines[at] ?? "");
    if (!found) return [];
    const said = lines
      .slice(at + 1)
      .join(" ")
      .replace(/<[^>]*>|\{\\[^}]*\}/g, ""); // Marks of italics, speakers, places.
    return cue(seconds(found[1] ?? ""), seconds(found[2] ?? ""), said);
  });
}

/** Cues of what Whisper and its kin write: `{ segments: [{ start, end, text }] }`. */
export function segmentCues(value: unknown): Cue[] {
  const { segments } = Object(value) as { segments?: unknown };
  if (!Array.isArray(segments)) return [];
  return segments.flatMap((segment) => {
    const { start, end, text } = Object(segment) as Record<string, unknown>;
    return cue(Number(start), Number(end), String(text ?? ""));
  });
}

function cue(startSeconds: number, endSeconds: number, text: string): Cue[] {
  const tidy = text.replace(/\s+/g, " ").trim();
  return tidy !== "" && endSeconds > startSeconds ? [{ startSeconds, endSeconds, text: tidy }] : [];
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

/** Joins cues into whole sentences, as long as they are short enough and follow on one another. */
export function joinCues(cues: readonly Cue[]): Cue[] {
  const joined: Cue[] = [];
  for (const next of cues.toSorted((a, b) => a.startSeconds - b.startSeconds)) {
    const last = joined.at(-1);
    if (last && belongTogether(last, next))
      joined[joined.length - 1] = {
        startSeconds: last.startSeconds,
        endSeconds: Math.max(last.endSeconds, next.endSeconds),
        text: `${last.text} ${next.text}`,
      };
    else joined.push(next);
  }
  return joined;
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
