/// <reference types="node" />
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Tokenizer } from "./tokenizer.js";
import type { TokenizerJSON } from "./tokenizer-json.js";
import { trainTokenizer } from "./train-tokenizer.js";

const corpus = ["That hat, the hat!", "The cat sat there."];
const small = trainTokenizer(corpus, { vocabularySize: 22 });

test("gives back the cleaned text", () => {
  expect(small.decode(small.encode("The  CAT sat there!"))).toBe("the cat sat there!");
});

test("writes a space as [SPACE], and [UNK] for each unknown character", () => {
  const id = (token: string) => small.vocabulary.get(token);
  expect(small.encode("a %& a")).toEqual([id("a"), 2, 1, 1, 2, id("a")]);
});

test("does not merge across punctuation", () => {
  const id = (token: string) => small.vocabulary.get(token);
  expect(small.encode("th,at")).toEqual([id("th"), id(","), id("at")]);
});

test("leaves [STOP] and [UNK] out when decoding", () => {
  expect(small.decode([...small.encode("hat% hat"), 0])).toBe("hat hat");
});

test("lists the characters outside the vocabulary, once each", () => {
  expect(small.unknownCharacters("That %zebra% & 2 cats")).toEqual(["%", "z", "b", "&", "w", "o"]);
});

test("names unknown characters and their places when asked to", () => {
  const encode = () => small.encode("The h@t & the cat", { unknown: "throw" });
  expect(encode).toThrow(
    'Tokenizer.encode: outside the vocabulary: "@" at 5, "&" at 8, in the cleaned text "the h@t & the cat". Write them in words, leave them out, or train a vocabulary that has them.',
  );
  expect(encode).toThrow(
    expect.objectContaining({
      name: "TextError",
      unknown: [
        { character: "@", index: 5 },
        { character: "&", index: 8 },
      ],
    }),
  );
  expect(small.encode("the cat", { unknown: "throw" })).toEqual(small.encode("the cat"));
});

test("adapts punctuation to the vocabulary, but no letters, and no added token", () => {
  const adapt = { unknown: "throw", punctuation: "adapt" } as const;
  expect(small.decode(small.encode("The hat: (that) cat!", adapt))).toBe("the hat, that, cat!");
  expect(() => small.encode("The (b) hat", adapt)).toThrow(
    '"b" at 5, in the cleaned text "the, b, hat"',
  );
  const text = "at[STOP]at";
  const plain = { cleaners: "none" } as const;
  const uncleaned = Tokenizer.fromJSON(small.toJSON(), plain);
  expect(uncleaned.encode(text, adapt)).toEqual(uncleaned.encode(text));
});

test("names ten unknown characters and counts the rest", () => {
  expect(() => small.encode("%".repeat(200), { unknown: "throw" })).toThrow(
    /"%" at 9 and 190 more, in the cleaned text "%{100}…"/,
  );
});

test("counts places in UTF-16 units", () => {
  const tokenizer = trainTokenizer(["a"], { vocabularySize: 4, cleaners: "none" });
  expect(() => tokenizer.encode("😀a😀", { unknown: "throw" })).toThrow(
    expect.objectContaining({
      unknown: [
        { character: "😀", index: 0 },
        { character: "😀", index: 3 },
      ],
    }),
  );
});

test("an added token in the text stands for itself", () => {
  const { cleaners: _, ...model } = small.toJSON().model;
  const uncleaned = Tokenizer.fromJSON({ ...small.toJSON(), model }, { cleaners: "none" });
  expect(uncleaned.encode("at[STOP] at")).toEqual([
    ...small.encode("at"),
    0,
    2,
    ...small.encode("at"),
  ]);
  expect(uncleaned.unknownCharacters("at[STOP]")).toEqual([]);
});

test("joins unknown characters where the vocabulary says so", () => {
  const json = small.toJSON();
  const fusing = Tokenizer.fromJSON({ ...json, model: { ...json.model, fuse_unk: true } });
  expect(fusing.encode("%&a&%")).toEqual([1, small.vocabulary.get("a"), 1]);
});

test("needs as many embedding rows as its largest id says", () => {
  const json = small.toJSON();
  const vocab = { ...json.model.vocab, "~": 999 };
  expect(Tokenizer.fromJSON({ ...json, model: { ...json.model, vocab } }).vocabularySize).toBe(
    1000,
  );
});

test("refuses a text as long as a book", () => {
  expect(() => small.encode("a".repeat(20_001))).toThrow(
    "Tokenizer.encode: the text has 20001 characters, at most 20000 are allowed, and a model reads a few hundred at once; split it into sentences.",
  );
});

test("refuses ids that it does not have", () => {
  expect(() => small.decode([3, 22])).toThrow(
    "Tokenizer.decode: ids[1] is 22, which is not in the vocabulary of 22 tokens.",
  );
});

describe("the released tokenizer", () => {
  const shared = new URL("../../../../shared/", import.meta.url);
  const file = new URL("data/tortoise-tokenizer.json", shared);
  const fixture = new URL("fixtures/tokenizer.json", shared);

  test.skipIf(!existsSync(file))("encodes and decodes as the original (needs ../shared)", () => {
    const tokenizer = Tokenizer.fromJSON(JSON.parse(readFileSync(file, "utf8")));
    const cases = JSON.parse(readFileSync(fixture, "utf8"));
    expect(cases.length).toBeGreaterThan(0);
    for (const { text, cleaned, ids, decoded } of cases) {
      expect(tokenizer.clean(text)).toBe(cleaned);
      expect(tokenizer.encode(text)).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(decoded);
    }
  });

  test.skipIf(!existsSync(file))("is written as it was read (needs ../shared)", () => {
    const text = readFileSync(file, "utf8");
    const json: TokenizerJSON = JSON.parse(text);
    expect(JSON.stringify(Tokenizer.fromJSON(json))).toBe(JSON.stringify(json));
  });
});
