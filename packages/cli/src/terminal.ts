/** Where the command line writes, and what it knows of the window. */
export interface Terminal {
  /** Results and progress. */
  readonly out: (text: string) => void;
  /** What went wrong. */
  readonly error: (text: string) => void;
  /** What is typed or piped in, for commands that read it; default nothing. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** The window's width, where people watch: a progress line is then written over itself. */
  readonly columns?: () => number;
  /** Default false. */
  readonly color?: boolean;
}

/** The terminal, pipe or file that this process writes to, and what it reads. */
export function processTerminal(process: NodeJS.Process): Terminal {
  const { stdout, stderr, env } = process;
  // Who read our output has gone (`hawksbill … | head`, a closed window): training goes on without them.
  for (const stream of [stdout, stderr]) stream.on("error", () => {});
  const isWatched = stdout.isTTY && env.TERM !== "dumb";
  return {
    out: (text) => stdout.write(text),
    error: (text) => stderr.write(text),
    get input() {
      return process.stdin; // Opened by who reads it.
    },
    color: env.FORCE_COLOR ? env.FORCE_COLOR !== "0" : isWatched && !env.NO_COLOR,
    ...(isWatched ? { columns: () => stdout.columns || 80 } : {}),
  };
}
