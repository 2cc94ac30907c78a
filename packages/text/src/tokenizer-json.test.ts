import { expect, test } from "vitest";
import { TextError } from "./text-error.js";
import { Tokenizer } from "./tokenizer.js";
import { trainTokenizer } from "./train-tokenizer.js";

const good = trainTokenizer(["the thing"], { vocabularySize: 12 }).toJSON();
const withModel = (model: object) => ({ ...good, model: { ...good.model, ...model } });
const withAdded = (token: object) => ({
  ...good,
  added_tokens: [...good.added_tokens, { content: "<x>", id: 12, ...token }],
});

test("reads merges as texts and as pairs", () => {
  const merges = good.model.merges.map((merge) => merge.split(" "));
  expect(Tokenizer.fromJSON(withModel({ merges })).toJSON()).toEqual(good);
});

test("takes added tokens that the model's vocabulary lacks", () => {
  expect(Tokenizer.fromJSON(withAdded({})).encode("th<x>")).toEqual([good.model.vocab.th, 12]);
});

test("keeps the cleaners, and lets the caller choose others", () => {
  const basic = withModel({ cleaners: "basic" });
  expect(Tokenizer.fromJSON(good).cleaners).toBe("english");
  expect(Tokenizer.fromJSON(basic).cleaners).toBe("basic");
  expect(Tokenizer.fromJSON(basic, { cleaners: "none" }).cleaners).toBe("none");
});

test.each([
  [undefined, "the tokenizer is missing, wanted an object"],
  ["{}", 'the tokenizer is "{}", wanted an object'],
  [[], "the tokenizer is [], wanted an object"],
  [{}, "model is missing, wanted an object"],
  [
    { ...good, normalizer: { type: "NFC" } },
    'normalizer is {"type":"NFC"}, wanted none, as TorToiSe has it',
  ],
  [
    { ...good, pre_tokenizer: { type: "ByteLevel" } },
    'pre_tokenizer.type is "ByteLevel", wanted "Whitespace"',
  ],
  [{ ...good, added_tokens: null }, "added_tokens is null, wanted a list"],
  [{ ...good, added_tokens: [] }, "added_tokens has no [STOP], which TorToiSe needs"],
  [withAdded({ content: "" }), 'added_tokens[3].content is "", wanted a text'],
  [withAdded({ id: 1.5 }), "added_tokens[3].id is 1.5, wanted a whole number from 0 to 1048575"],
  [withAdded({ id: 3 }), '"e" and "<x>" have the same id 3'],
  [withAdded({ content: "e" }), "e has the id 12 in added_tokens and 3 in model.vocab"],
  [withAdded({ lstrip: true }), "added_tokens[3].lstrip is true, wanted none, as TorToiSe has it"],
  [withModel({ type: "WordPiece" }), 'model.type is "WordPiece", wanted "BPE"'],
  [withModel({ unk_token: null }), 'model.unk_token is null, wanted "[UNK]"'],
  [withModel({ dropout: 0.1 }), "model.dropout is 0.1, wanted none, as TorToiSe has it"],
  [withModel({ vocab: ["a"] }), 'model.vocab is ["a"], wanted an object'],
  [
    withModel({ vocab: { a: "3" } }),
    'model.vocab["a"] is "3", wanted a whole number from 0 to 1048575',
  ],
  [
    withModel({ vocab: { a: -1 } }),
    'model.vocab["a"] is -1, wanted a whole number from 0 to 1048575',
  ],
  [withModel({ merges: undefined }), "model.merges is missing, wanted a list"],
  [withModel({ merges: ["th"] }), 'model.merges[0] is "th", wanted two tokens, e.g. "t h"'],
  [withModel({ merges: ["t h e"] }), 'model.merges[0] is "t h e", wanted two tokens, e.g. "t h"'],
  [
    withModel({ merges: [["t h", "e"]] }),
    'model.merges[0] is ["t h","e"], wanted two tokens, e.g. "t h"',
  ],
  [withModel({ merges: [7] }), "model.merges[0] is 7, wanted a list"],
  [withModel({ merges: ["t q"] }), 'model.merges[0] needs the token "q", which model.vocab lacks'],
  [withModel({ merges: ["t i"] }), 'model.merges[0] needs the token "ti", which model.vocab lacks'],
  [
    withModel({ cleaners: "french" }),
    'model.cleaners is "french", wanted one of english, basic, none',
  ],
])("refuses %j", (json, problem) => {
  expect(() => Tokenizer.fromJSON(json)).toThrow(
    new TextError(
      `Tokenizer.fromJSON: ${problem}. Give the parsed tokenizer.json of a TorToiSe model, or train one with trainTokenizer.`,
    ),
  );
});
