/** Punctuation that is not read aloud, unlike "&", "%" and other signs that stand for words. */
const silent = /(?![&%‰@#§])[\p{P}\p{Sk}|~]/u;

const quotes = /["'\p{Pi}\p{Pf}„‚´`]/u;
/** They stand for a pause even between two letters. */
const dashes = /[–—―]/u;
const ends = /[!?…]/u;
const pauses = /[-‐‑–—―:;,()[\]{}]/u;

/**
 * A text whose punctuation is the vocabulary's own, so that a model can speak it: what the vocabulary lacks becomes what it
 * has and a reader would say in its place. Brackets, colons, semicolons and dashes become a comma, hyphens and other signs
 * within a word a space, "!" and "?" a full stop; quotes are left out, and what is left over is a space. Where several signs
 * meet, those that were there already win: "a (b)." is "a, b.".
 *
 * Letters, digits, and signs that stand for words are left as they are; see `knownSigns`.
 *
 * @param isKnown Whether the vocabulary has a character. Of texts whose punctuation it has nothing changes.
 */
export function knownPunctuation(text: string, isKnown: (character: string) => boolean): string {
  const isLacking = (sign: string): boolean => silent.test(sign) && !isKnown(sign);
  if (![...text].some(isLacking)) return text;
  const written = isKnown("'") ? text.replace(/(?<=\p{L})[’´`](?=\p{L})/gu, "'") : text;
  const lacking = [...new Set(written)].filter(isLacking).map((sign) => `\\u{${hex(sign)}}`);
  const runs = new RegExp(`[\\p{White_Space}.,;:!?…${lacking.join("")}]+`, "gu");
  return written.replace(runs, (run, start: number) => {
    const signs = [...run].filter(isLacking);
    if (signs.length === 0) return run;
    const isFirst = start === 0;
    const isLast = start + run.length === written.length;
    const rest = [...run].filter((sign) => !isLacking(sign)).join("");
    const others = signs.filter((sign) => !quotes.test(sign));
    if (others.length === 0)
      return isFirst ? rest.trimStart() : isLast ? rest.trimEnd() : single(rest);
    if (run.length === 1 && !isFirst && !isLast && !ends.test(run) && !dashes.test(run)) return " ";

    const had = rest.replace(/\p{White_Space}/gu, "");
    const end = others.some((sign) => ends.test(sign)) && isKnown(".") && !isFirst ? "." : "";
    const isPause = others.some((sign) => pauses.test(sign) || ends.test(sign));
    const pause = isPause && isKnown(",") && !isFirst && !isLast ? "," : "";
    return (had || end || pause) + (isLast || (isFirst && !had) ? "" : " ");
  });
}

function single(text: string): string {
  return text.replace(/\p{White_Space}+/gu, " ");
}

function hex(sign: string): string {
  return (sign.codePointAt(0) as number).toString(16);
}
