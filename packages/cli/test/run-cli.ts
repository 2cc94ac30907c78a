import { main } from "hawksbill";

/** What a command line printed, and its exit code. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

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
