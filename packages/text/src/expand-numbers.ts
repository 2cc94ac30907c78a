import { cardinalWords, ordinalWords, yearWords } from "./number-words.js";

/**
 * Writes the numbers of an ASCII text in words: amounts of dollars, decimals, ordinals, years.
 *
 * Pounds have no rule: transliteration has made "£5" into "PS5" before, which TorToiSe was taught to
 * read as "psfive".
 *
 * @see neonbjb/tortoise-tts 3.0.0, tortoise/utils/tokenizer.py (Apache-2.0), whose readings it equals.
 */
export function expandNumbers(text: string): string {
  return text
    .replace(/[0-9][0-9,]+[0-9]/g, (number) => number.replaceAll(",", ""))
    .replace(/\$([0-9.,]*[0-9]+)/g, (_, amount: string) => dollars(amount))
    .replace(/(?<![0-9])([0-9]+)\.([0-9]+)/g, "$1 point $2")
    .replace(/(?<![0-9])([0-9]+)(?:st|nd|rd|th)/g, (_, digits: string) => ordinalWords(digits))
    .replace(/[0-9]+/g, number);
}

/** "3.50" is "3 dollars, 50 cents": the digits are read later. Cents are a whole number: ".5" is 5 cents. */
function dollars(amount: string): string {
  const [whole = "", fraction = "", ...others] = amount.replaceAll(",", "").split(".");
  if (others.length > 0) return `${amount} dollars`;
  const parts = [count(whole, "dollar"), count(fraction, "cent")].filter((part) => part !== "");
  return parts.length > 0 ? parts.join(", ") : "zero dollars";
}

function count(digits: string, unit: string): string {
  const significant = digits.replace(/^0+/, "");
  if (significant === "") return "";
  return `${significant} ${unit}${significant === "1" ? "" : "s"}`;
}

function number(digits: string): string {
  const value = Number(digits);
  return value > 1000 && value < 3000 ? yearWords(value) : cardinalWords(digits);
}
