/// <reference types="node" />
import { readFileSync } from "node:fs";
import { splitText } from "@hawksbill/tortoise";
import { expect, test } from "vitest";

test("80 texts of chance have tortoise-tts's pieces (made by tools/fixtures/split_text.py)", () => {
  const file = new URL("../fixtures/split-text.json", import.meta.url);
  const cases = JSON.parse(readFileSync(file, "utf8")) as {
    readonly text: string;
    readonly desiredLength: number;
    readonly maxLength: number;
    readonly pieces: string[];
  }[];

  expect(cases.length).toBe(80);
  for (const { text, pieces, ...lengths } of cases)
    expect(splitText(text, lengths), JSON.stringify(text)).toEqual(pieces);
});

test("cuts between sentences once a piece is long enough", () => {
  const text = "One fox ran.  Two foxes\nslept! Did three foxes sing? No.";
  expect(splitText(text, { desiredLength: 20, maxLength: 40 })).toEqual([
    "One fox ran. Two foxes slept!",
    "Did three foxes sing?",
    "No.",
  ]);
});

test("a sentence that is too long is cut between words", () => {
  const text = "This sentence goes on and on with no end in sight for anybody";
  expect(splitText(text, { desiredLength: 20, maxLength: 30 })).toEqual([
    "This sentence goes on and on",
    "with no end in sight for",
    "anybody",
  ]);
});

test("a word that is too long is cut all the same", () => {
  expect(splitText("a".repeat(50), { desiredLength: 20, maxLength: 30 })).toEqual([
    "a".repeat(20),
    "a".repeat(20),
    "a".repeat(10),
  ]);
});

test("marks in a row stay together", () => {
  expect(
    splitText("Really?!?! Yes... Well!!! So be it.", { desiredLength: 5, maxLength: 40 }),
  ).toEqual(["Really?!?!", "Yes...", "Well!!!", "So be it."]);
});

test("does not cut inside of quotes, curly ones too", () => {
  const text = "She said “Come here. Sit down. Have some tea.” He sat down at once.";
  expect(splitText(text, { desiredLength: 10, maxLength: 60 })).toEqual([
    'She said "Come here. Sit down. Have some tea."',
    "He sat down at once.",
  ]);
});

test("words in brackets count for nothing, and stay with what follows them", () => {
  const text =
    "He went. [I am so sad! I cannot say how sad I am,] please close the door. [So glad,] come in.";
  expect(splitText(text, { desiredLength: 5, maxLength: 30 })).toEqual([
    "He went.",
    "[I am so sad! I cannot say how sad I am,] please close the door.",
    "[So glad,] come in.",
  ]);
  expect(splitText("Please go. [I am so sad.]", { desiredLength: 5, maxLength: 30 })).toEqual([
    "Please go.",
  ]);
});

test("leaves out pieces without words", () => {
  expect(splitText(" ...  !? , ")).toEqual([]);
  expect(splitText("")).toEqual([]);
});

test("a bar cuts, and then nothing else does", () => {
  expect(splitText("One. Two.| Three.|", { desiredLength: 1, maxLength: 2 })).toEqual([
    "One. Two.",
    "Three.",
  ]);
});

test("a megabyte of text takes linear time", () => {
  const pieces = splitText("Words and more words. ".repeat(50_000));
  expect(pieces).toHaveLength(5000);
});

test("refuses lengths that make no pieces", () => {
  expect(() => splitText("a", { desiredLength: 30, maxLength: 20 })).toThrow(
    new RangeError(
      "splitText: desiredLength is 30 and maxLength 20; give whole numbers above 0, the first no larger than the second",
    ),
  );
});
