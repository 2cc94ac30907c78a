import type { ListRow } from "../list-row.js";
import { fieldsRow } from "./fields.js";
import { type ListFile, notUtf8, wrongRow } from "./list-file.js";

/** Rows of a list with one JSON object a line: `{"audio": "wavs/a.wav", "text": "Hello.", "speaker": "anna"}`. */
export function jsonRows(file: ListFile): ListRow[] {
  return file.lines.map(({ number: line, text }) => {
    if (text === undefined) return wrongRow(file, line, notUtf8);
    const fields = parsed(text);
    if (fields) return fieldsRow(fields, { list: file.path, line, split: file.split });
    return wrongRow(file, line, {
      fault: "bad-line",
      reason: "the line is no JSON object",
      advice: 'write it as {"audio": "wavs/a.wav", "text": "What is said."}',
    });
  });
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
