import { expect, test } from "vitest";
import { heldOutOf } from "./held-out.js";

const clips = [
  { id: "a", list: "train.tsv", split: "training" },
  { id: "b", list: "dev.tsv", split: "heldOut" },
] as const;

test("what the dataset holds out is held out", () => {
  expect(heldOutOf({}, clips)).toEqual(["b"]);
});

test("the settings say otherwise", () => {
  expect(heldOutOf({ heldOut: 0 }, clips)).toBe(0);
  expect(heldOutOf({ heldOut: 0.5, heldOutLists: ["train.tsv"] }, clips)).toEqual(["a"]);
});

test("without such a part, or with nothing beside it, it is a share", () => {
  expect(heldOutOf({}, clips.slice(0, 1))).toBe(0.15);
  expect(heldOutOf({}, clips.slice(1))).toBe(0.15);
});
