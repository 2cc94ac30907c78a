import Papa from "papaparse";
import type { ListRow } from "../list-row.js";
import type { TextLine } from "../text-lines.js";
import { areFields, fieldsRow } from "./fields.js";
import { type ListFile, notUtf8, wrongRow } from "./list-file.js";

type Delimiter = "\t" | "|" | ",";

/** What parts the columns of a table whose first line names them; undefined for a list without names. */
export function tableDelimiter(firstLine: string): Delimiter | undefined {
  const all: readonly Delimiter[] = ["\t", "|", ","];
  return all.find((delimiter) => areFields(columnsOf(firstLine, delimiter)));
}

/**
 * Rows of a table whose first line names its columns: Mozilla Common Voice, VoxPopuli, Coqui, the
 * `metadata.csv` of Hugging Face. Only columns parted by commas may stand in quotes.
 */
export function tableRows(file: ListFile, delimiter: Delimiter): ListRow[] {
  const [head, ...rows] = delimiter === "," ? quotedLines(file.lines) : file.lines;
  const header = columnsOf(head?.text ?? "", delimiter);
  return rows.map(({ number: line, text }) => {
    if (text === undefined) return wrongRow(file, line, notUtf8);
    const columns = columnsOf(text, delimiter);
    if (columns.length !== header.length)
      return wrongRow(file, line, {
        fault: "bad-line",
        reason: `the line has ${columns.length} columns, expected ${header.length}`,
        advice: "give each column of the first line, empty ones too",
      });
    const fields = Object.fromEntries(header.map((name, i) => [name, columns[i] ?? ""]));
    return fieldsRow(fields, { list: file.path, line, split: file.split });
  });
}

function columnsOf(line: string, delimiter: Delimiter): string[] {
  if (delimiter !== ",") return line.split(delimiter);
  return Papa.parse<string[]>(line, { delimiter }).data[0] ?? [];
}

/** Lines put together again where a column in quotes goes over several. */
function quotedLines(lines: readonly TextLine[]): TextLine[] {
  const whole: TextLine[] = [];
  let open: TextLine | undefined;
  for (const line of lines) {
    const text =
      open && line.text !== undefined ? `${open.text}\n${line.text}` : (line.text ?? undefined);
    const current: TextLine = { number: open?.number ?? line.number, text };
    const quotes = text?.match(/"/g)?.length ?? 0;
    open = quotes % 2 === 1 ? current : undefined;
    if (!open) whole.push(current);
  }
  return open ? [...whole, open] : whole;
}
