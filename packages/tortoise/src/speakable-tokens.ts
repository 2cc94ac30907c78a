import { TextError, type Tokenizer } from "@hawksbill/text";

/**
 * A text as a model reads it, if there is something to say.
 *
 * @param unknown See `Tokenizer.encode`; default "throw".
 * @throws {TextError} Characters are unknown, or no letter is left: the text is empty, only punctuation, or unknown.
 */
export function speakableTokens(
  tokenizer: Tokenizer,
  text: string,
  unknown: "throw" | "replace" = "throw",
): number[] {
  const tokens = tokenizer.encode(text, { unknown });
  if (!/[\p{L}\p{N}]/u.test(tokenizer.decode(tokens)))
    throw new TextError(
      `speak: there is nothing to say in ${JSON.stringify(text.slice(0, 100))}; give words that the tokenizer knows`,
    );
  return tokens;
}
