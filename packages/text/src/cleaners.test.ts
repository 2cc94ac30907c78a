import { expect, test } from "vitest";
import reference from "../fixtures/reference.json" with { type: "json" };
import { basicCleaners, englishCleaners } from "./cleaners.js";

// What the original's cleaners answer: tools/fixtures/tokenizer.py.
test.each(reference.sentences)("cleans %j as TorToiSe does", (text = "", english, basic) => {
  expect(englishCleaners(text)).toBe(english);
  expect(basicCleaners(text)).toBe(basic);
});

test("an abbreviation takes its full stop along", () => {
  expect(englishCleaners("Dr. Who and Co.")).toBe("doctor who and company");
});

test("cleaned English is left as it is by a second cleaning", () => {
  for (const [text = ""] of reference.sentences) {
    const once = englishCleaners(text);
    expect(englishCleaners(once)).toBe(once.replace(/ {2,}/g, " "));
  }
});
