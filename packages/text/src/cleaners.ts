import { expandAbbreviations } from "./expand-abbreviations.js";
import { expandNumbers } from "./expand-numbers.js";
import { unidecode } from "./unidecode.js";

/** What prepares a text for the vocabulary: "english" and "basic" as TorToiSe; "none" leaves it alone. */
export type Cleaners = "english" | "basic" | "none";

/** Each choice of cleaners as a function. */
export const cleaners: { readonly [name in Cleaners]: (text: string) => string } = {
  english: englishCleaners,
  basic: basicCleaners,
  none: (text) => text,
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: Python's `\s` has these separators too.
const WHITE_SPACE = /[\p{White_Space}\x1c-\x1f]+/gu;

/**
 * Writes English text as TorToiSe reads it: ASCII, lower case, numbers and abbreviations in words,
 * single spaces, no double quotes.
 *
 * @see neonbjb/tortoise-tts 3.0.0, tortoise/utils/tokenizer.py, english_cleaners (Apache-2.0).
 */
export function englishCleaners(text: string): string {
  const spoken = expandAbbreviations(expandNumbers(unidecode(text).toLowerCase()));
  return collapseWhiteSpace(spoken).replaceAll('"', "");
}

/** Lower case and single spaces: for languages whose vocabulary has its own letters. */
export function basicCleaners(text: string): string {
  return collapseWhiteSpace(text.toLowerCase());
}

function collapseWhiteSpace(text: string): string {
  return text.replace(WHITE_SPACE, " ");
}
