import { main } from "../src/index.js";

/** What a command line printed, and its exit code. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** For tests: more threads than one only get in each other's way. */
export const oneThread = ["--threads", "1"] as const;

/** Runs a command line in this process, as in a pipe. */
export async function runCli(args: readonly string[], signal?: AbortSignal): Promise<Outcome> {
  let out = "";
  let error = "";
  const terminal = {
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
