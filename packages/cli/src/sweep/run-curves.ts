import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunEvent } from "../run/run-events.js";
import { runFiles } from "../run/run-files.js";
import type { RunCurves } from "./sweep-page.js";

/** Steps on either side that a training loss is averaged with. */
const reach = 5;

/** The mel losses that a run has logged; none where there is no log yet. */
export async function readCurves(folder: string): Promise<RunCurves> {
  const text = await readFile(join(folder, runFiles.log), "utf8").catch(() => "");
  const events = text.split("\n").flatMap(parsedLine);
  const points = (type: "step" | "evaluation"): [number, number][] => {
    const last = new Map<number, number>(); // Steps that were made again count once.
    for (const event of events)
      if (event.type === type) last.set(event.step, event.metrics.mel ?? Number.NaN);
    return [...last].sort(([a], [b]) => a - b);
  };
  return { heldOut: points("evaluation"), training: averaged(points("step")) };
}

function averaged(points: readonly [number, number][]): [number, number][] {
  return points.map(([step], i) => {
    const near = points.slice(Math.max(0, i - reach), i + reach + 1);
    return [step, near.reduce((sum, [, loss]) => sum + loss, 0) / near.length];
  });
}

/** Nothing for a line that a killed process left unfinished. */
function parsedLine(line: string): RunEvent[] {
  try {
    return [JSON.parse(line) as RunEvent];
  } catch {
    return [];
  }
}
