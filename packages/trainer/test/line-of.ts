import type { TrainingEvent } from "../src/index.js";

/** An event as a line of a log, without what depends on the clock. */
export function lineOf(event: TrainingEvent): string {
  const { type, step } = event;
  const rest = type === "done" || type === "aborted" ? {} : event;
  const timeless = { ...rest, seconds: 0, etaSeconds: 0, tokensPerSecond: 0 };
  return JSON.stringify({ ...timeless, type, step });
}
