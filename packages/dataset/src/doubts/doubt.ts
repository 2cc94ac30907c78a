import type { ClipEntry } from "../clip-entry.js";
import type { FaultName } from "../faults.js";
import type { Problem } from "../problem.js";

/** A problem with a clip. */
export function doubt(
  { id, list, line, path }: ClipEntry,
  fault: FaultName,
  reason: string,
  advice: string,
): Problem {
  return { fault, id, list, line, path, reason, advice };
}

/** A problem of the whole dataset. */
export function doubtAboutAll(fault: FaultName, reason: string, advice: string): Problem {
  return { fault, id: "", list: "", line: 0, path: "", reason, advice };
}

/** The middle of numbers; 0 if there are none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
