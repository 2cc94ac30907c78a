/** How English reads signs that stand for a word wherever they are. */
const words: Readonly<Record<string, string>> = {
  "&": "and",
  "%": "percent",
  "+": "plus",
  "=": "equals",
  "@": "at",
};

/**
 * An English text with those signs in words that the vocabulary lacks: "five%" is "five percent".
 *
 * @param isKnown Whether the vocabulary has a character.
 */
export function knownSigns(text: string, isKnown: (character: string) => boolean): string {
  return text.replace(/\s*([&%+=@])\s*/g, (all, sign: string, start: number) => {
    if (isKnown(sign)) return all;
    const rest = text.slice(start + all.length);
    const isApart = /^[\p{L}\p{N}]/u.test(rest) || (/\s$/.test(all) && /^[^.,;:!?)]/.test(rest));
    return `${start === 0 ? "" : " "}${words[sign]}${isApart ? " " : ""}`;
  });
}
