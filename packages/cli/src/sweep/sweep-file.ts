import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import { CliError } from "../cli-error.js";
import type { Summary } from "../run/summary.js";
import type { Axis } from "./combinations.js";
import { machineArgs } from "./machine-args.js";

/** What became of a combination. */
export interface SweepRun {
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
  /** The run's folder, as seen from the sweep's. */
  readonly folder: string;
  readonly state: "done" | "failed" | "waiting";
  readonly summary?: Summary;
  /** Why it failed. */
  readonly error?: string;
}

/** `sweep.json`: the runs by held-out loss, the lowest first. */
export interface SweepFile {
  readonly format: 1;
  readonly axes: readonly Axis[];
  /** The options that all runs have. */
  readonly args: readonly string[];
  readonly runs: readonly SweepRun[];
}

const sweepFileName = "sweep.json";

/** The sweep that a folder has; undefined for a new one. @throws {CliError} It is damaged, or with other options. */
export async function readSweep(
  folder: string,
  args: readonly string[],
): Promise<SweepFile | undefined> {
  const path = join(folder, sweepFileName);
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const found = parsed(text);
  if (!found)
    throw new CliError(`${path}: is damaged, or of a newer version; choose another --out`);
  const [before, now] = [found.args, args].map((all) => machineArgs(all).rest.join(" "));
  if (before === now) return found;
  throw new CliError(
    `${folder}: the sweep there was begun with ${before || "no options"}, now they are ${now || "none"}, and its runs could not be compared; give the same, or another --out`,
  );
}

export async function writeSweep(folder: string, sweep: SweepFile): Promise<void> {
  const json = `${JSON.stringify(sweep, undefined, 2)}\n`;
  await writeFileAtomic(join(folder, sweepFileName), new TextEncoder().encode(json));
}

/** The lowest held-out loss first, then those without one. */
export function byLoss(runs: readonly SweepRun[]): SweepRun[] {
  const lossOf = ({ summary }: SweepRun): number =>
    summary?.heldOutMelLossAfter ?? Number.POSITIVE_INFINITY;
  return runs.toSorted((a, b) => (lossOf(a) === lossOf(b) ? 0 : lossOf(a) - lossOf(b)));
}

function parsed(text: string): SweepFile | undefined {
  try {
    const sweep = Object(JSON.parse(text)) as Partial<SweepFile>;
    const isWhole = sweep.format === 1 && Array.isArray(sweep.args) && Array.isArray(sweep.runs);
    return isWhole ? (sweep as SweepFile) : undefined;
  } catch {
    return undefined;
  }
}
