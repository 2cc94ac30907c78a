import { type ListRow, listRow, type Wrong } from "../list-row.js";
import type { TextLine } from "../text-lines.js";
import { type ListFile, notUtf8 } from "./list-file.js";

/**
 * Rows of LJSpeech's form, `id|text` or `id|text|normalised text`; the normalised text is taken where
 * there is one. A column of whole numbers alone is the speaker, as in lists for VITS and Piper.
 */
export function ljRows({ path: list, lines, split }: ListFile): ListRow[] {
  const longest = mostColumns(lines);
  const rows = lines.map(({ number, text }) => ({
    line: number,
    columns: text?.split("|").map((column) => column.trim()) ?? [],
  }));
  const speakerColumn = longest === 3 ? columnOfNumbers(rows.map(({ columns }) => columns)) : 0;
  return rows.map(({ line, columns }) => {
    const speaker = speakerColumn === 0 ? undefined : columns[speakerColumn];
    const [audio = "", plain = "", normalised = ""] =
      speakerColumn === 0 ? columns : columns.toSpliced(speakerColumn, 1);
    const wrong = wrongForm(columns, longest);
    return listRow({ audio, text: normalised || plain, list, line, split, speaker, wrong });
  });
}

function wrongForm(columns: readonly string[], longest: number): Wrong | undefined {
  const count = columns.length;
  const bad = (reason: string, advice: string): Wrong => ({ fault: "bad-line", reason, advice });
  if (count === 0) return notUtf8;
  if (count === 1) return bad('the line has no "|"', "write it as id|text");
  if (columns[0] === "") return bad('there is no id before the "|"', "write the line as id|text");
  if (count > longest)
    return bad(
      `the line has ${count} columns, expected ${longest}`,
      'take every "|" out of the text',
    );
  return undefined;
}

/**
 * How many columns a line may have: three if most have three. Where most have two, a third one is
 * rather a text with a "|" in it, and taking its end for the normalised text would lose its beginning.
 */
function mostColumns(lines: readonly TextLine[]): 2 | 3 {
  const columns = lines.map(({ text = "" }) => text.split("|").length);
  const three = columns.filter((count) => count === 3).length;
  const two = columns.filter((count) => count === 2).length;
  return three > two ? 3 : 2;
}

/** Which column after the first has whole numbers in every line of three; 0 where none has. */
function columnOfNumbers(rows: readonly (readonly string[])[]): number {
  const whole = rows.filter((columns) => columns.length === 3);
  return [1, 2].find((i) => whole.every((columns) => /^\d+$/.test(columns[i] ?? ""))) ?? 0;
}
