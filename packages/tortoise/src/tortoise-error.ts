/** A model, a voice or a request that cannot be spoken with; the message says what to do. */
export class TortoiseError extends Error {
  override readonly name = "TortoiseError";
}
