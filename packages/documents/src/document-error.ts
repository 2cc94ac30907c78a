/** A document cannot be read; the message says what was got, what is wanted and what to do. */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
}
