import type { Split } from "../clip-entry.js";
import type { ListRow, Wrong } from "../list-row.js";
import { listRow } from "../list-row.js";
import type { TextLine } from "../text-lines.js";

/** A file that lists clips, read into the lines that are not blank. */
export interface ListFile {
  readonly path: string;
  readonly lines: readonly TextLine[];
  /** Which part of the dataset all of it is, by its name. */
  readonly split?: Split;
}

/** Whether a file's name is that of a list that may be the dataset's own: a copy of its good lines is not. */
export function isListName(name: string): boolean {
  return /\.(csv|tsv|jsonl)$/.test(name) && !isCleanListName(name);
}

/** Whether a file's name is that of a copy of a dataset's good lines, which is read where it is asked for. */
export function isCleanListName(name: string): boolean {
  return name.endsWith("clean.jsonl");
}

/** A line from which no clip can be made. */
export function wrongRow({ path, split }: ListFile, line: number, wrong: Wrong): ListRow {
  return listRow({ audio: "", text: "", list: path, line, split, wrong });
}

/** A line whose bytes are no UTF-8. */
export const notUtf8: Wrong = {
  fault: "not-utf8",
  reason: "the line is not UTF-8",
  advice: "save the file as UTF-8",
};
