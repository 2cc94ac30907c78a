import { TextError, type Tokenizer } from "@hawksbill/text";
import { Unusable, withoutStop } from "./unusable.js";

/**
 * A clip's text as the model reads it, without start and stop. Punctuation that the vocabulary lacks becomes what it has,
 * as in speaking.
 *
 * @throws {Unusable} Nothing is left of it when cleaned, or the vocabulary or the model cannot take it.
 */
export function clipTokens(
  text: string,
  tokenizer: Pick<Tokenizer, "clean" | "encode">,
  maximumTokens: number,
): Int32Array {
  const tokens = encode(text, tokenizer);
  if (tokens.length === 0 || tokenizer.clean(text).trim() === "")
    throw new Unusable(
      "empty-text",
      "has a text of which cleaning leaves nothing",
      "write what is said",
    );
  if (tokens.length > maximumTokens)
    throw new Unusable(
      "too-much-text",
      `has a text of ${tokens.length} tokens, more than ${maximumTokens}`,
      "cut the clip at a pause into two, each with its own text",
    );
  return Int32Array.from(tokens);
}

function encode(text: string, tokenizer: Pick<Tokenizer, "encode">): number[] {
  try {
    return tokenizer.encode(text, { unknown: "throw", punctuation: "adapt" });
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    if (error.unknown.length === 0)
      throw new Unusable(
        "too-much-text",
        `has a bad text: ${withoutStop(error.message)}`,
        "correct it",
      );
    const shown = error.unknown.slice(0, 5);
    const more = error.unknown.length > shown.length ? ", …" : "";
    const which = shown.map((u) => `${JSON.stringify(u.character)} (letter ${u.index + 1})`);
    throw new Unusable(
      "unknown-characters",
      `has ${which.join(", ")}${more} in its cleaned text, which the vocabulary lacks`,
      "write it in letters of the vocabulary, or use another vocabulary",
    );
  }
}
