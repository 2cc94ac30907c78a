/** A character that the vocabulary cannot write, and where it stands. */
export interface UnknownCharacter {
  readonly character: string;
  /** Where it begins in the cleaned text, in UTF-16 units, as `text.slice` counts. */
  readonly index: number;
}

/** Text, a vocabulary or a corpus that cannot be used; the message says what is wrong and what to do. */
export class TextError extends Error {
  override readonly name = "TextError";
  /** The characters outside the vocabulary, where they are the reason; empty otherwise. */
  readonly unknown: readonly UnknownCharacter[];

  constructor(message: string, unknown: readonly UnknownCharacter[] = []) {
    super(message);
    this.unknown = unknown;
  }
}
