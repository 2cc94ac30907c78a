/** `\w+|[^\w\s]+` with the classes of the Rust crate `regex`, which the `tokenizers` library uses. */
const WORD = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}";
const PIECE = new RegExp(`[${WORD}]+|[^${WORD}\\p{White_Space}]+`, "gu");

/**
 * Cuts text into the pieces that merges never cross: words, and runs of punctuation. White space is
 * left out. "don't go." gives "don", "'", "t", "go", ".".
 */
export function pieces(text: string): string[] {
  return text.match(PIECE) ?? [];
}
