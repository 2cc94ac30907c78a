/// <reference types="node" />
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import reference from "../fixtures/reference.json" with { type: "json" };
import { unidecode } from "./unidecode.js";

// Digests of Unidecode 1.4.0's answers, block by block: tools/fixtures/tokenizer.py.
test.each(Object.entries(reference.unidecode))("equals Unidecode in %s", (block, expected) => {
  const [first = 0, last = 0] = block.split("-").map((edge) => Number.parseInt(edge, 16));
  const hash = createHash("sha256");
  for (let code = first; code <= last; code++) {
    hash.update(`${code === first ? "" : "\0"}${unidecode(String.fromCodePoint(code))}`);
  }
  expect(hash.digest("hex")).toBe(expected);
});

test.each([
  ["Ünïcödé — “quotes” …", 'Unicode -- "quotes" ...'],
  ["日本語のテスト", "Ri Ben Yu notesuto"],
  ["Привет, κόσμε", "Privet, kosme"],
  ["£5 €7 ½", "PS5 EUR7  1/2"],
  ["e\u0301 𝕏𝟛 x²", "e X3 x2"],
  ["smile 😀!", "smile !"],
  ["half \ud83d of a pair", "half  of a pair"],
])("writes %s as %s", (text, ascii) => {
  expect(unidecode(text)).toBe(ascii);
});
