import { expect, test } from "vitest";
import reference from "../fixtures/reference.json" with { type: "json" };
import { TextError } from "./text-error.js";
import { Tokenizer } from "./tokenizer.js";
import { trainTokenizer } from "./train-tokenizer.js";

const { corpus, sentences, training } = reference;

// The vocabulary of the library tokenizers 0.23.3: tools/fixtures/tokenizer.py.
test.each(["english", "basic"] as const)("learns what BpeTrainer learns, %s", (cleaners) => {
  const { size, tokenizer: expected, ids } = training[cleaners];
  const tokenizer = trainTokenizer(corpus, { vocabularySize: size, cleaners });

  const { vocab, merges } = tokenizer.toJSON().model;
  expect(vocab).toEqual(expected.model.vocab);
  expect(merges).toEqual(expected.model.merges.map((pair) => pair.join(" ")));
  const texts = [...corpus, ...sentences.map(([text = ""]) => text)];
  expect(texts.map((text) => tokenizer.encode(text))).toEqual(ids);
});

test("begins with the special tokens and the characters in their order", () => {
  const { vocabulary } = trainTokenizer(["ba ba"], { vocabularySize: 6 });
  expect([...vocabulary.keys()]).toEqual(["[STOP]", "[UNK]", "[SPACE]", "a", "b", "ba"]);
});

test("stops early where no pair is left", () => {
  expect(trainTokenizer(["ba ba"], { vocabularySize: 100 }).vocabularySize).toBe(6);
});

test("leaves out pairs that are rarer than the minimum", () => {
  const options = { vocabularySize: 100, minimumCount: 2 };
  expect([...trainTokenizer(["ba ba cd"], options).vocabulary.keys()].slice(3)).toEqual([
    "a",
    "b",
    "c",
    "d",
    "ba",
  ]);
});

test("gives tokens to an alphabet that the texts lack", () => {
  const tokenizer = trainTokenizer(["ba"], { vocabularySize: 8, alphabet: "q! z" });
  expect(tokenizer.unknownCharacters("baq!z")).toEqual([]);
});

test("can be saved and read", () => {
  const tokenizer = trainTokenizer(["Ça va, ça va !"], { vocabularySize: 12, cleaners: "basic" });
  const again = Tokenizer.fromJSON(JSON.parse(JSON.stringify(tokenizer)));
  expect(again.toJSON()).toEqual(tokenizer.toJSON());
  expect(again.encode("Ça va")).toEqual(tokenizer.encode("Ça va"));
});

test("refuses texts without characters", () => {
  expect(() => trainTokenizer([], { vocabularySize: 10 })).toThrow(
    new TextError("trainTokenizer: the texts have no characters; give at least one sentence."),
  );
});

test.each([5, 6.5, 2 ** 21, Number.NaN])("refuses a vocabulary of %s", (vocabularySize) => {
  expect(() => trainTokenizer(["abc"], { vocabularySize })).toThrow(
    new TextError(
      `trainTokenizer: vocabularySize is ${vocabularySize}; give a whole number from 6 (3 special tokens and the 3 characters of the texts) to 1048576.`,
    ),
  );
});
