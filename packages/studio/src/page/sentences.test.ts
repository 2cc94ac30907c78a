import { expect, test } from "vitest";
import { nextSentence } from "./sentences.js";

test("shows each of its many sentences once before any again", () => {
  const said: string[] = [];
  while (!said.includes(nextSentence(said))) said.push(nextSentence(said));
  expect(said.length).toBeGreaterThanOrEqual(80);

  const round = said.length;
  while (said.length < 2 * round) said.push(nextSentence(said));
  expect(said.slice(round)).toEqual(said.slice(0, round));
});
