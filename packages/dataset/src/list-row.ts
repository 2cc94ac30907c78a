import type { ClipEntry } from "./clip-entry.js";
import type { Problem } from "./problem.js";

/** One clip as a list names it: its file has not been looked for yet. */
export interface ListRow
  extends Pick<ClipEntry, "text" | "list" | "line" | "speaker" | "language" | "split" | "span"> {
  /** A path or a name, as it is written. */
  readonly audio: string;
  /** Whether that is the path itself, from the dataset's folder. */
  readonly isPath?: true;
  /** What the clip is to be called, where that is not the file's name. */
  readonly id?: string;
  /** What is wrong with the line as it is written. */
  readonly wrong?: Wrong;
}

/** What is wrong, apart from where. */
export type Wrong = Pick<Problem, "fault" | "reason" | "advice">;

/** A row from what is known of it: "" and undefined say that a list has nothing there. */
export function listRow(
  row: Pick<ListRow, "audio" | "text" | "list" | "line"> & {
    readonly [key in "id" | "isPath" | "speaker" | "language" | "split" | "span" | "wrong"]?:
      | ListRow[key]
      | undefined;
  },
): ListRow {
  const known = Object.entries(row).filter(
    ([key, value]) => value !== undefined && (value !== "" || isNeeded(key)),
  );
  return Object.fromEntries(known) as unknown as ListRow;
}

function isNeeded(key: string): boolean {
  return ["audio", "text", "list"].includes(key);
}
