/// <reference types="node" />
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import reference from "../fixtures/reference.json" with { type: "json" };
import { expandNumbers } from "./expand-numbers.js";
import { cardinalWords, ordinalWords } from "./number-words.js";

// The digests and words are inflect's and TorToiSe's: tools/fixtures/tokenizer.py.
const digest = (entries: string[]) => createHash("sha256").update(entries.join("\0")).digest("hex");
const upTo10000 = Array.from({ length: 10_001 }, (_, n) => String(n));

test("reads 0 to 10,000 as inflect does", () => {
  const cardinals = digest(upTo10000.map((n) => cardinalWords(n)));
  expect(cardinals).toBe(reference.numbers["cardinals 0 to 10000"]);
});

test("reads 0th to 10,000th as inflect does", () => {
  const ordinals = digest(upTo10000.map(ordinalWords));
  expect(ordinals).toBe(reference.numbers["ordinals 0 to 10000"]);
});

test("reads the numbers 0 to 10,000 of a text, years among them, as TorToiSe does", () => {
  const numbers = digest(upTo10000.map(expandNumbers));
  expect(numbers).toBe(reference.numbers["numbers of a text, 0 to 10000"]);
});

test("reads $0.00 to $120.99 as TorToiSe does", () => {
  const amounts = Array.from({ length: 12_100 }, (_, cents) => `$${(cents / 100).toFixed(2)}`);
  expect(digest(amounts.map(expandNumbers))).toBe(reference.numbers["$0.00 to $120.99"]);
});

test.each(reference.large)("reads %s as inflect does", (digits = "", cardinal, ordinal) => {
  expect(cardinalWords(digits)).toBe(cardinal);
  expect(ordinalWords(digits)).toBe(ordinal);
});

test("reads the digits one by one where words end, at a thousand decillions", () => {
  const digits = `12${"0".repeat(35)}`;
  expect(cardinalWords(digits)).toBe(`one two${" zero".repeat(35)}`);
});

test.each([
  ["1905", "nineteen oh five"],
  ["2007", "two thousand seven"],
  ["2010", "twenty ten"],
  ["3.14", "three point fourteen"],
  ["21st", "twenty-first"],
  ["1,234,567", "one million, two hundred thirty-four thousand, five hundred sixty-seven"],
  ["$1.5", "one dollar, five cents"],
  ["$1,,2", "twelve dollars"],
  ["$,5", "five dollars"],
  ["$.", "$."],
])("writes %s as %s", (written, spoken) => {
  expect(expandNumbers(written)).toBe(spoken);
});

test("reads a million digits in a row without slowing down", () => {
  const started = performance.now();
  expandNumbers("1".repeat(1_000_000));
  // Quadratic time would take minutes; this takes about 0.1 s.
  expect(performance.now() - started).toBeLessThan(5_000);
});
