/** A checkpoint cannot be read, written or used; the message says which file and tensor, and what to do. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
  /** The file, as the caller named it. */
  readonly file: string;
  /** The tensor at fault, where it is one tensor's. */
  readonly tensor: string | undefined;

  constructor(file: string, problem: string, options: { tensor?: string; cause?: unknown } = {}) {
    const { tensor, ...cause } = options;
    const subject = tensor === undefined ? "" : `${quoted(tensor)} `;
    super(`${file}: ${subject}${problem}`, cause);
    this.file = file;
    this.tensor = tensor;
  }
}

/** A name from a file, safe and short enough to print. */
export function quoted(name: string): string {
  const longest = 200; // Real names stay under 100 letters.
  return JSON.stringify(name.length > longest ? `${name.slice(0, longest)}…` : name);
}
