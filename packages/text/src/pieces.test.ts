import { expect, test } from "vitest";
import { pieces } from "./pieces.js";

test.each([
  ["don't go.", ["don", "'", "t", "go", "."]],
  ["a_b  2nd -- x?!", ["a_b", "2nd", "--", "x", "?!"]],
  ["नमस्ते दुनिया", ["नमस्ते", "दुनिया"]],
  ["你好，世界", ["你好", "，", "世界"]],
  [" \n\u3000", []],
])("cuts %j", (text, expected) => {
  expect(pieces(text)).toEqual(expected);
});
