/** A checkpoint cannot be read, written or used; the message says which file and tensor, and what to do. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
  /** The file, as the caller named it. */
  readonly file: string;
  /** The tensor at fault, where it is one tensor's. */
  readonly tensor: string | undefined;
  /** The entry of a zip archive at fault, where it is one entry's. */
  readonly entry: string | undefined;

  constructor(
    file: string,
    problem: string,
    options: { tensor?: string; entry?: string; cause?: unknown } = {},
  ) {
    const { tensor, entry, ...cause } = options;
    const subject = [tensor, entry].flatMap((part) => (part === undefined ? [] : quoted(part)));
    super(`${file}: ${subject.join(" in ")}${subject.length > 0 ? " " : ""}${problem}`, cause);
    this.file = file;
    this.tensor = tensor;
    this.entry = entry;
  }
}

/** A name from a file, safe and short enough to print. */
export function quoted(name: string): string {
  const longest = 200; // Real names stay under 100 letters.
  return JSON.stringify(name.length > longest ? `${name.slice(0, longest)}…` : name);
}
