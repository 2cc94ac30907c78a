import type { Row } from "./compare.js";
import type { Rates } from "./rates.js";
import { works } from "./works.js";

/** One run of `npm run bench`. */
export interface Measurement {
  readonly date: string;
  /** Fewer runs, and some work made shorter. */
  readonly quick: boolean;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGB: number };
  readonly versions: Readonly<Record<string, string>>;
  readonly rates: Rates;
  readonly rows: readonly Row[];
}

const milliseconds = (seconds: number | null): string =>
  seconds === null ? "" : seconds >= 1 ? `${seconds.toFixed(2)} s` : `${milli(seconds)} ms`;
const milli = (seconds: number): string =>
  (1000 * seconds).toFixed(seconds < 0.01 ? 2 : seconds < 0.1 ? 1 : 0);
const percent = (share: number | null): string =>
  share === null ? "" : ` ± ${Math.round(50 * share)} %`;
const giga = (rate: number): string => (rate / 1e9).toFixed(0);
const megabytes = (size: number | null): string => (size === null ? "" : `${Math.round(size)}`);

/** The measurement in Markdown. */
export function formatMeasurement({
  date,
  quick,
  machine,
  versions,
  rates,
  rows,
}: Measurement): string {
  const what = new Map(works.map((work) => [work.id, work.what]));
  const head = [
    `## ${date}${quick ? ", `--quick`" : ""}`,
    "",
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB. ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}.`,
    `Best matrix product ${giga(rates.operationsPerSecond)} GFLOP/s in float32, ${giga(rates.int8OperationsPerSecond)} in 8 bits; memory ${(rates.bytesPerSecond / 1e9).toFixed(1)} GB/s.`,
    "",
    "| work | peer | ours | peer's | ratio | limit | ours ÷ limit | MB, ours | MB, peer's | difference | |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
  ];
  const lines = rows.map((row) =>
    [
      "",
      `${row.id}: ${what.get(row.id)}`,
      row.peer ?? "",
      milliseconds(row.oursSeconds) + percent(row.oursSpread),
      milliseconds(row.peerSeconds) + percent(row.peerSpread),
      row.ratio === null ? "" : row.ratio.toFixed(2),
      milliseconds(row.limitSeconds),
      row.limitSeconds === null ? "" : (row.oursSeconds / row.limitSeconds).toFixed(1),
      megabytes(row.oursPeakMB),
      megabytes(row.peerPeakMB),
      row.error === null ? "" : row.error.toExponential(1),
      row.note,
      "",
    ]
      .join(" | ")
      .trim(),
  );
  return [...head, ...lines, ""].join("\n");
}
