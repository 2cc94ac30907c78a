import type { Problem } from "./problem.js";

/** A dataset cannot be used at all; the message says why and what to do. */
export class DatasetError extends Error {
  override readonly name = "DatasetError";
  /** What is wrong clip by clip, where that is why. */
  readonly problems: readonly Problem[];

  constructor(message: string, options: { problems?: readonly Problem[]; cause?: unknown } = {}) {
    const { problems = [], ...cause } = options;
    super(message, cause);
    this.problems = problems;
  }
}
