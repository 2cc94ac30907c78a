import type { Inspection } from "@hawksbill/checkpoint";
import { count, printable } from "../format.js";

/** A tensor as it lies in a file. */
export interface ListedTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** What is shown of a file. */
export interface InspectedFile extends Inspection {
  readonly file: string;
  readonly format: string;
  readonly tensorCount: number;
  readonly dtypes: readonly string[];
  /** If each is to be listed. */
  readonly tensors?: readonly ListedTensor[];
}

/** More lines of one sort are of no use to a reader; `--json` has them all. */
const mostLines = 20;

/** What a checkpoint is, for people. */
export function inspectTable(found: InspectedFile): string {
  const { file, title, definition, fits, missing, misshapen, unexpected, ignored } = found;
  const problems = [
    ...misshapen.map(
      ({ tensor, shape, expected, cause }) =>
        `${tensor} is [${shape.join(", ")}], expected [${expected.join(", ")}]: ${cause}`,
    ),
    ...missing.map(
      ({ tensor, expected, cause }) =>
        `${tensor} is missing, expected [${expected.join(", ")}]: ${cause}`,
    ),
  ];
  const lines = [
    `${file}: ${title}${definition === undefined ? "" : ` (${definition})`}`,
    ...rows([
      ["format", found.format],
      ["tensors", [found.tensorCount, ...found.dtypes].join(" ")],
      ["numbers", thousands(found.parameters)],
      ...(found.prefix ? [["prefix of names", found.prefix]] : []),
    ]),
    ...section(
      "Sizes",
      Object.entries(found.sizes).map(([name, size]) => [name, `${size}`]),
    ),
    ...section(
      "Not told by the file",
      found.unknownSettings.map(({ setting, released, why }) => [
        setting,
        `${released === undefined ? "" : `released model: ${released}; `}${why}`,
      ]),
    ),
    ...section(
      "Notes",
      found.notes.map((note) => [note]),
    ),
    ...section(
      "Not part of the model",
      [
        ...ignored.map(({ what, tensors }) => [`${count(tensors.length, "tensor")}: ${what}`]),
        ...unexpected.map((name) => [name]),
      ].slice(0, mostLines),
      unexpected.length + ignored.length,
    ),
    ...section(
      "Problems",
      problems.slice(0, mostLines).map((text) => [text]),
      problems.length,
    ),
    ...section(
      "Tensors",
      (found.tensors ?? []).map(({ name, dtype, shape }) => [name, dtype, `[${shape.join(", ")}]`]),
    ),
    verdict(fits, found.kind === "unknown", problems.length),
  ];
  return lines.map(printable).join("\n");
}

function verdict(fits: boolean, isUnknown: boolean, problems: number): string {
  if (fits) return "It is whole.";
  return isUnknown ? "It is of no known kind." : `It does not fit: ${count(problems, "problem")}.`;
}

/** A heading and its rows, of which there may be more than are shown; nothing if there are none. */
function section(
  heading: string,
  table: readonly (readonly string[])[],
  all = table.length,
): string[] {
  if (table.length === 0) return [];
  const more = all > table.length ? [`  … and ${all - table.length} more (--json lists all)`] : [];
  return [`${heading}:`, ...rows(table), ...more];
}

/** Columns as wide as their widest cell, but for the last. */
function rows(table: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of table)
    for (const [column, cell] of row.slice(0, -1).entries())
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return table.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`);
}

function thousands(n: number): string {
  return n.toLocaleString("en-US");
}
