import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import { CliError, Interrupted } from "../cli-error.js";
import { count, lossText, shellWord } from "../format.js";
import { exists } from "../place.js";
import type { Reporter } from "../reporter.js";
import { runFiles } from "../run/run-files.js";
import type { Summary } from "../run/summary.js";
import { type Axis, type Combination, combinations, type KnownOption } from "./combinations.js";
import { machineArgs } from "./machine-args.js";
import { readCurves } from "./run-curves.js";
import { runFolderName } from "./run-folder-name.js";
import { byLoss, readSweep, type SweepFile, type SweepRun, writeSweep } from "./sweep-file.js";
import { sweepPage } from "./sweep-page.js";

export interface SweepOptions {
  readonly folder: string;
  readonly axes: readonly Axis[];
  /** What finetune gets in every run. */
  readonly args: readonly string[];
  /** Finetune's, to know which take a value. */
  readonly options: readonly KnownOption[];
  /** Makes a run, by the arguments of finetune. */
  readonly finetune: (args: readonly string[]) => Promise<void>;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

const pageName = "sweep.html";

/**
 * Makes a run of each combination, one after another, and a page that compares them. What an earlier call has finished
 * is not made again; what it was stopped at goes on.
 *
 * @throws {Interrupted} Ctrl-C; the run under way is saved. {CliError} The folder has another sweep, or a run failed: the
 *   page is there all the same.
 */
export async function runSweep(sweep: SweepOptions): Promise<void> {
  const { folder, axes, args, reporter } = sweep;
  const chosen = combinations(axes, sweep.options);
  const earlier = await readSweep(folder, args);
  await mkdir(folder, { recursive: true });
  const others = (earlier?.runs ?? []).filter(({ name }) => !chosen.some((c) => c.name === name));
  const knownOf = ({ name }: Combination): SweepRun | undefined =>
    earlier?.runs.find((run) => run.name === name);
  let runs = [...chosen.map((one) => knownOf(one) ?? waiting(one)), ...others];
  await writeSweep(folder, { format: 1, axes, args, runs: byLoss(runs) });
  for (const [i, combination] of chosen.entries()) {
    const known = knownOf(combination);
    const title = `run ${i + 1} of ${chosen.length}: ${combination.name}`;
    const run =
      known?.state === "done" && (await exists(join(folder, known.folder, runFiles.summary)))
        ? known
        : await oneRun(sweep, combination, title);
    if (run === known) reporter.note(`${title}: it is there already`);
    runs = runs.map((before) => (before.name === run.name ? run : before));
    await write(folder, { format: 1, axes, args, runs: byLoss(runs) });
  }
  tell(sweep, byLoss(runs));
}

async function oneRun(
  { folder, args, finetune, reporter, signal }: SweepOptions,
  combination: Combination,
  title: string,
): Promise<SweepRun> {
  reporter.note(title);
  const run = waiting(combination);
  const place = join(folder, run.folder);
  const isBegun = await exists(join(place, runFiles.checkpoint));
  try {
    const all = [...args, ...combination.args];
    await finetune(
      isBegun ? ["--resume", place, ...machineArgs(all).machine] : [...all, "--out", place],
    );
    const summary = JSON.parse(await readFile(join(place, runFiles.summary), "utf8")) as Summary;
    return { ...run, state: "done", summary };
  } catch (error) {
    if (error instanceof Interrupted || signal.aborted)
      throw new Interrupted(
        `Stopped at ${title}; what was done is saved. Give the same command again to go on.`,
        { cause: error },
      );
    const message = error instanceof Error ? error.message : String(error);
    reporter.warn(`${title} failed: ${message}`);
    return { ...run, state: "failed", error: message };
  }
}

function waiting({ name, values }: Combination): SweepRun {
  return { name, values, folder: join("runs", runFolderName(name)), state: "waiting" };
}

async function write(folder: string, file: SweepFile): Promise<void> {
  await writeSweep(folder, file);
  const page = await sweepPage(folder, file, (run) => readCurves(join(folder, run.folder)));
  await writeFileAtomic(join(folder, pageName), new TextEncoder().encode(page));
}

function tell({ folder, reporter }: SweepOptions, runs: readonly SweepRun[]): void {
  const done = runs.filter(({ state }) => state === "done");
  const [best] = done;
  const [failed, ...more] = runs.filter(({ state }) => state === "failed");
  if (!best) throw new CliError(`${folder}: no run came through; ${failed?.error ?? "see above"}`);
  const width = Math.max(...runs.map(({ name }) => name.length));
  for (const { name, summary, error } of runs) {
    const loss = summary?.heldOutMelLossAfter;
    reporter.note(
      `  ${name.padEnd(width)}  ${typeof loss === "number" ? lossText(loss) : (error ?? "")}`,
    );
  }
  reporter.event({ type: "sweep", runs });
  reporter.note(`Open ${shellWord(join(folder, pageName))} in a browser.`);
  if (failed)
    throw new CliError(
      `${folder}: ${count(1 + more.length, "run")} failed; give the same command again to try once more`,
    );
}
