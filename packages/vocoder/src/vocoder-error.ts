/** A mel cannot be made into sound. */
export class VocoderError extends Error {
  override readonly name = "VocoderError";
}
