import { isAudioName } from "../find-audio.js";
import { type ListRow, listRow, type Wrong } from "../list-row.js";
import { type ListFile, notUtf8, wrongRow } from "./list-file.js";

/**
 * Rows of DL-Art-School's form `tsv`: text, tab, path; a third column (codes that it had aligned) is
 * not needed. Path before text is understood, too.
 */
export function tsvRows(file: ListFile): ListRow[] {
  const rows = file.lines.map(({ number, text }) => ({
    line: number,
    columns: text?.split("\t").map((column) => column.trim()),
  }));
  const audioNames = (i: number): number =>
    rows.filter(({ columns }) => isAudioName(columns?.[i] ?? "")).length;
  const isTextFirst = audioNames(1) >= audioNames(0);
  return rows.map(({ line, columns }) => {
    if (columns === undefined) return wrongRow(file, line, notUtf8);
    if (columns.length < 2) return wrongRow(file, line, noTab);
    const [first = "", second = ""] = columns;
    const [text, audio] = isTextFirst ? [first, second] : [second, first];
    return listRow({ audio, text, list: file.path, line, split: file.split });
  });
}

const noTab: Wrong = {
  fault: "bad-line",
  reason: "the line has no tab",
  advice: "write it as text, tab, path",
};
