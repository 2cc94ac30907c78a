import { DatasetError } from "@hawksbill/dataset";
import { expect, test } from "vitest";
import { splitClips } from "./split-clips.js";

const clips = ["a", "b", "c"].map((id) => ({ id }));

test("holds out the clips named, in the dataset's order", () => {
  expect(splitClips(clips, ["c", "a"], 0)).toEqual({
    training: [{ id: "b" }],
    heldOut: [{ id: "a" }, { id: "c" }],
  });
});

test("holds out so many by the seed", () => {
  expect(splitClips(clips, 1, 0).heldOut).toHaveLength(1);
  expect(splitClips(clips, 1, 0)).toEqual(splitClips(clips, 1, 0));
});

test("refuses ids that are not there, and to hold out all", () => {
  expect(() => splitClips(clips, ["a", "z"], 0)).toThrow(
    new DatasetError(
      'finetune: "z" is to be held out, but no clip has this id; give ids of clips that can be used',
    ),
  );
  expect(() => splitClips(clips, ["a", "b", "c"], 0)).toThrow(
    "finetune: all 3 clips are to be held out, so none is left to train on; hold out fewer",
  );
});
