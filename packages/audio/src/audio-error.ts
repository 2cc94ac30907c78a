/** Audio cannot be read, changed or written; the message says what was got, what is wanted and what to do. */
export class AudioError extends Error {
  override readonly name = "AudioError";
}
