import { TextError, type Tokenizer } from "@hawksbill/text";
import { requireOneOf } from "./require-known.js";

/** Far more than any model reads at once, and few enough to be cut into tokens at once. */
const mostCharacters = 10_000;

/**
 * A text as a model reads it, if there is something to say. Punctuation that the vocabulary lacks becomes what it has.
 *
 * @param unknown See `Tokenizer.encode`; default "throw".
 * @throws {TextError} Characters are unknown; or no letter is left: the text is empty, only punctuation, or unknown;
 *   or it is as long as a book.
 */
export function speakableTokens(
  tokenizer: Tokenizer,
  text: string,
  unknown: "throw" | "replace" = "throw",
): number[] {
  requireOneOf("speak: unknown", unknown, ["throw", "replace"]);
  if (text.length > mostCharacters)
    throw new TextError(
      `speak: the text has ${text.length} characters, no model reads so many tokens at once; split the text, or let read() do so`,
    );
  const tokens = tokenizer.encode(text, { unknown, punctuation: "adapt" });
  if (!/[\p{L}\p{N}]/u.test(tokenizer.decode(tokens)))
    throw new TextError(
      `speak: there is nothing to say in ${JSON.stringify(text.slice(0, 100))}; give words that the tokenizer knows`,
    );
  return tokens;
}
