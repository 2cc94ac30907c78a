import Papa from "papaparse";
import type { ListRow, Wrong } from "../list-row.js";
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
    if (delimiter === "," && quotesOf(text) !== "closed") return wrongRow(file, line, badQuotes);
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

const badQuotes: Wrong = {
  fault: "bad-line",
  reason: "a column begins with a quotation mark that does not end it",
  advice: 'put the whole column in quotes, and write "" for a quotation mark in it',
};

function columnsOf(line: string, delimiter: Delimiter): string[] {
  if (delimiter !== ",") return line.split(delimiter);
  return Papa.parse<string[]>(line, { delimiter }).data[0] ?? [];
}

/** A quotation mark within a column is a letter; one at its beginning opens the column up to the next one. */
function quotesOf(line: string): "closed" | "open" | "misplaced" {
  const codes = Papa.parse(line, { delimiter: "," }).errors.map(({ code }) => code);
  if (codes.includes("InvalidQuotes")) return "misplaced";
  return codes.includes("MissingQuotes") ? "open" : "closed";
}

/** More than any sentence has: what stays open for longer was never meant to be. */
const mostLines = 50;

/** Lines put together again where a column in quotes goes over several. */
function quotedLines(lines: readonly TextLine[]): TextLine[] {
  const whole: TextLine[] = [];
  for (let i = 0; i < lines.length; i++) {
    const first = lines[i] as TextLine;
    let text = first.text;
    let last = i;
    while (text !== undefined && quotesOf(text) === "open" && last - i < mostLines) {
      const next = lines[last + 1];
      if (!next) break;
      text = next.text === undefined ? undefined : `${text}\n${next.text}`;
      last++;
    }
    const isWhole = text === undefined || quotesOf(text) === "closed";
    // A line whose column never ends is one bad line, and takes no other with it.
    whole.push(isWhole ? { number: first.number, text } : first);
    if (isWhole) i = last;
  }
  return whole;
}
