import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../src/index.js";

// Codes are kept in the user's cache, which is not for tests.
process.env.XDG_CACHE_HOME = join(tmpdir(), `hawksbill-tests-${process.pid}`);

/** What a command line printed, and its exit code. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** For tests: more threads than one only get in each other's way. */
export const oneThread = ["--threads", "1"] as const;

/** Runs a command line in this process, as in a pipe. */
export async function runCli(
  args: readonly string[],
  signal?: AbortSignal,
  input?: AsyncIterable<Uint8Array>,
): Promise<Outcome> {
  let out = "";
  let error = "";
  const terminal = {
    ...(input ? { input } : {}),
    out: (text: string) => {
      out += text;
    },
    error: (text: string) => {
      error += text;
    },
  };
  const code = await main(args, terminal, signal);
  return { code, out, error };
}
