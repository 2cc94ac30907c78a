import type { Clip } from "./prepare-dataset.js";
import { type Problem, problemText } from "./problem.js";

/** What a dataset holds and what was left out of it and why, as lines of text to read before training. */
export function formatReport({
  clips,
  leftOut,
}: {
  readonly clips: readonly Pick<Clip, "seconds" | "tokens">[];
  readonly leftOut: readonly Problem[];
}): string {
  const seconds = clips.map((clip) => clip.seconds);
  const tokens = clips.map((clip) => clip.tokens.length);
  const rows: [string, string][] = [
    ["clips", `${clips.length}`],
    ["speech", duration(seconds.reduce((sum, s) => sum + s, 0))],
    ["a clip", `${range(seconds, 1)} s`],
    ["its text", `${range(tokens, 0)} tokens`],
    ["left out", leftOut.length === 0 ? "nothing" : `${leftOut.length}`],
  ];
  const table = rows.map(reportLine);
  return [...table, ...leftOut.map((problem) => `  ${problemText(problem)}`)].join("\n");
}

/** A line of a report: what it is about, and what there is of it. */
export function reportLine([what, value]: readonly [what: string, value: string]): string {
  return `${what.padEnd(10)}${value}`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3600).toFixed(2)} h`;
}

/** `0.8 to 7.2, median 3.1`. */
export function range(values: readonly number[], digits: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(digits);
  return `${at(0)} to ${at(1)}, median ${at(0.5)}`;
}
