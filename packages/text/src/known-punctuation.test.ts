import { expect, test } from "vitest";
import { knownPunctuation } from "./known-punctuation.js";

const small = (text: string): string =>
  knownPunctuation(text, (sign) => /[\p{L}!',.?]/u.test(sign));

test.each([
  ["a well-known fox", "a well known fox"],
  ["the fox - or the dog - ran", "the fox, or the dog, ran"],
  ["the fox--or the dog—ran", "the fox, or the dog, ran"],
  ["he said: wait; run", "he said, wait, run"],
  ["a (b).", "a, b."],
  ["a (b), c", "a, b, c"],
  ["a [b]", "a, b"],
  ["(a) b", "a, b"],
  ["- a b -", "a b"],
  ["word(s) at ten:thirty", "word s, at ten thirty"],
  ['"what?" she said. "no."', "what? she said. no."],
  ["what?) then (no", "what? then, no"],
  ["‘tis «a» fox’s", "tis a fox's"],
  ["he said: 'yes'", "he said, 'yes'"],
  ["and/or a * b_c", "and or a b c"],
  ["hm… (well)", "hm. well"],
  ["...(well)", "... well"],
  ["(...)", "..."],
  ["--", ""],
])("says %j as %j", (text, spoken) => {
  expect(small(text)).toBe(spoken);
});

test("leaves a text alone whose punctuation is known", () => {
  const text = 'a ,b  ("c-d"): e;f';
  expect(knownPunctuation(text, () => true)).toBe(text);
  expect(small("a ,b  . c")).toBe("a ,b  . c");
});

test("leaves letters, digits and signs that stand for words", () => {
  expect(small("é 5 & 6 % of #1 @ $2 + 3 = ° ©")).toBe("é 5 & 6 % of #1 @ $2 + 3 = ° ©");
});

test("takes the nearest sign that there is", () => {
  const bare = (text: string): string => knownPunctuation(text, (sign) => /[\p{L}.]/u.test(sign));
  expect(bare("don't! why? so: a, b")).toBe("dont. why. so a b");
  expect(knownPunctuation("a. b, c?", (sign) => /\p{L}/u.test(sign))).toBe("a b c");
});
