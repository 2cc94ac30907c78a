import { expect, test } from "vitest";
import { knownSigns } from "./known-signs.js";

test.each([
  ["tom & jerry", "tom and jerry"],
  ["five%, ten %.", "five percent, ten percent."],
  ["five % (ten%)", "five percent (ten percent)"],
  ["me@home", "me at home"],
  ["+one = two+three", "plus one equals two plus three"],
  ["a && b", "a and and b"],
])("reads %j as %j", (text, read) => {
  expect(knownSigns(text, (sign) => /[a-z.,]/.test(sign))).toBe(read);
});

test("leaves signs that the vocabulary has, and others", () => {
  expect(knownSigns("a &b # c", (sign) => sign === "&")).toBe("a &b # c");
});
