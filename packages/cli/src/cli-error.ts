/** Something that the person at the keyboard can mend; the message says how. */
export class CliError extends Error {
  override readonly name: string = "CliError";
}

/** Work was stopped by Ctrl-C; the message says what was kept and how to go on. */
export class Interrupted extends CliError {
  override readonly name = "Interrupted";
}
