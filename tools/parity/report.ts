import type { FileReport } from "./check-file.js";
import { passes, type Row } from "./compare.js";

/** What became of one file, a line for each tensor. */
export function fileLines({ name, kind, rows, error, skipped }: FileReport): string[] {
  if (skipped !== undefined) return [`${name}: ${skipped}`];
  if (error !== undefined) return [`${name}: ERROR`, `  ${error}`];
  const width = Math.max(...rows.map((row) => row.name.length));
  return [`${name}: ${kind}`, ...rows.map((row) => rowLine(row, width))];
}

function rowLine(row: Row, width: number): string {
  const { name, relative, largest, limit, problem } = row;
  const start = `  ${name.padEnd(width)}  `;
  const error = problem === undefined ? exponent(relative) : "";
  const absolute =
    limit.kind === "absolute"
      ? `, largest difference ${exponent(largest)} (at most ${exponent(limit.atMost)} ${limit.unit})`
      : "";
  if (passes(row)) {
    if (limit.kind === "exact") return `${start}exact`;
    return start + error + absolute;
  }
  const wanted =
    limit.kind === "exact" ? "wanted exactly" : `at most ${exponent(limit.atMost)} is allowed`;
  return `${start}FAILED: ${problem ?? `${error}${absolute || `, ${wanted}`}`}`;
}

function exponent(error: number): string {
  return error === 0 ? "0" : error.toExponential(1);
}

/** The last line: "parity: 512 tensors in 8 files, worst 0.000012 (file: tensor)", then what failed or was skipped. */
export function summaryLine(reports: readonly FileReport[]): string {
  const compared = reports.filter(({ rows }) => rows.length > 0);
  const all = compared.flatMap(({ name, rows }) => rows.map((row) => ({ file: name, row })));
  const worst = all.reduce<(typeof all)[number] | undefined>(
    (a, b) => (a && a.row.relative >= b.row.relative ? a : b),
    undefined,
  );
  const failed = all.filter(({ row }) => !passes(row)).length;
  const errors = reports.filter(({ error }) => error !== undefined).length;
  const skipped = reports.filter((report) => report.skipped !== undefined).length;
  return [
    `parity: ${all.length} tensors in ${compared.length} files`,
    worst && `worst ${worst.row.relative.toFixed(6)} (${worst.file}: ${worst.row.name})`,
    failed > 0 && `${failed} FAILED`,
    errors > 0 && `${files(errors)} with ERRORS`,
    skipped > 0 && `${files(skipped)} skipped`,
  ]
    .filter(Boolean)
    .join(", ");
}

function files(count: number): string {
  return `${count} ${count === 1 ? "file" : "files"}`;
}
