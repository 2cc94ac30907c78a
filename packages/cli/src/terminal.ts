/** Where the command line writes, and what it knows of the window. */
export interface Terminal {
  /** Results and progress. */
  readonly out: (text: string) => void;
  /** What went wrong. */
  readonly error: (text: string) => void;
  /** The window's width, where people watch: a progress line is then written over itself. */
  readonly columns?: () => number;
  /** Default false. */
  readonly color?: boolean;
}

/** The terminal, pipe or file that this process writes to. */
export function processTerminal({ stdout, stderr, env }: NodeJS.Process): Terminal {
  // Who read our output has gone (`hawksbill … | head`, a closed window): training goes on without them.
  for (const stream of [stdout, stderr]) stream.on("error", () => {});
  const isWatched = stdout.isTTY && env.TERM !== "dumb";
  return {
    out: (text) => stdout.write(text),
    error: (text) => stderr.write(text),
    color: env.FORCE_COLOR ? env.FORCE_COLOR !== "0" : isWatched && !env.NO_COLOR,
    ...(isWatched ? { columns: () => stdout.columns || 80 } : {}),
  };
}
