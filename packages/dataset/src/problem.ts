import type { FaultName } from "./faults.js";

/** Why one line of a dataset, or one of its files, gives no clip; or what is doubtful about it. */
export interface Problem {
  readonly fault: FaultName;
  /** The clip's name, or "" where there is none. */
  readonly id: string;
  /** The file that lists the clip, as seen from the dataset's folder; "" where none does. */
  readonly list: string;
  /** The line of that file, counted from 1; 0 for a file that no line names. */
  readonly line: number;
  /** The file at fault, as seen from the dataset's folder; "" for the whole dataset. */
  readonly path: string;
  /** What is wrong. */
  readonly reason: string;
  /** What to do. */
  readonly advice: string;
}

/** A problem in one line: `metadata.csv:3: wavs/a.wav is missing; …`. */
export function problemText({ list, path, line, reason, advice }: Problem): string {
  if (path === "") return `${reason}; ${advice}`;
  if (line === 0) return `${path}: ${reason}; ${advice}`;
  return `${list}:${line}: ${path === list ? "" : `${path} `}${reason}; ${advice}`;
}
