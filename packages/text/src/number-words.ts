const SMALL = [
  ..."zero one two three four five six seven eight nine ten".split(" "),
  ..."eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(" "),
];
const TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const SCALES = [
  "",
  ..."thousand million billion trillion quadrillion quintillion".split(" "),
  ..."sextillion septillion octillion nonillion decillion".split(" "),
];
/** Above 999 decillion there are no agreed words; digits are read one by one. */
const MAX_DIGITS = 3 * SCALES.length;

const IRREGULAR_ORDINALS: { readonly [cardinal: string]: string } = {
  one: "first",
  two: "second",
  three: "third",
  five: "fifth",
  eight: "eighth",
  nine: "ninth",
  twelve: "twelfth",
};

/**
 * Reads a whole number: "1021" is "one thousand twenty-one".
 *
 * @param digits Decimal digits; leading zeros are allowed.
 * @param and Says "and" before the last two digits: "one thousand and twenty-one".
 * @see Python's `inflect.number_to_words`, which it equals below 10^36.
 */
export function cardinalWords(digits: string, { and = false } = {}): string {
  const significant = digits.replace(/^0+(?=.)/, "");
  if (significant === "0") return "zero";
  if (significant.length > MAX_DIGITS) return Array.from(significant, digitWord).join(" ");

  const link = and ? " and " : " ";
  const groups = significant.match(/\d{1,3}(?=(?:\d{3})*$)/g) ?? [];
  const parts = groups.flatMap((group, i) => {
    const scale = groups.length - 1 - i;
    const value = Number(group);
    if (value === 0) return [];
    const words = belowThousand(value, link);
    return [scale === 0 ? words : `${words} ${SCALES[scale]}`];
  });
  const tail = Number(significant.slice(-3));
  const last = tail > 0 && tail < 100 && parts.length > 1 ? parts.pop() : undefined;
  return parts.join(", ") + (last === undefined ? "" : link + last);
}

/** Reads a rank: "21" is "twenty-first", "101" is "one hundred and first". */
export function ordinalWords(digits: string): string {
  return cardinalWords(digits, { and: true }).replace(/[a-z]+$/, (word) => {
    return (
      IRREGULAR_ORDINALS[word] ?? (word.endsWith("y") ? `${word.slice(0, -1)}ieth` : `${word}th`)
    );
  });
}

/** Reads a year between 1001 and 2999: 1905 is "nineteen oh five", 2007 "two thousand seven". */
export function yearWords(year: number): string {
  const century = Math.floor(year / 100);
  const rest = year % 100;
  if (year === 2000) return "two thousand";
  if (century === 20 && rest < 10) return `two thousand ${SMALL[rest]}`;
  if (rest === 0) return `${belowHundred(century)} hundred`;
  return `${belowHundred(century)} ${rest < 10 ? `oh ${SMALL[rest]}` : belowHundred(rest)}`;
}

function digitWord(digit: string): string {
  return SMALL[Number(digit)] ?? "";
}

function belowThousand(value: number, link: string): string {
  const hundreds = Math.floor(value / 100);
  const rest = value % 100;
  if (hundreds === 0) return belowHundred(rest);
  return `${SMALL[hundreds]} hundred${rest === 0 ? "" : link + belowHundred(rest)}`;
}

function belowHundred(value: number): string {
  const small = SMALL[value];
  if (small !== undefined) return small;
  const units = value % 10;
  return `${TENS[Math.floor(value / 10)]}${units === 0 ? "" : `-${SMALL[units]}`}`;
}
