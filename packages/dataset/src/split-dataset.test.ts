import { expect, test } from "vitest";
import { DatasetError, splitDataset } from "./index.js";

const clips = Array.from({ length: 20 }, (_, i) => i);

test("holds out as many clips as asked for, each part in order", () => {
  const { training, heldOut } = splitDataset(clips, { heldOut: 4, seed: 1 });

  expect(heldOut).toHaveLength(4);
  expect([...training, ...heldOut].sort((a, b) => a - b)).toEqual(clips);
  expect(heldOut).toEqual(heldOut.toSorted((a, b) => a - b));
  expect(training).toEqual(training.toSorted((a, b) => a - b));
});

test("holds out a share, at least one clip", () => {
  expect(splitDataset(clips, { heldOut: 0.1, seed: 1 }).heldOut).toHaveLength(2);
  expect(splitDataset(clips, { heldOut: 0.001, seed: 1 }).heldOut).toHaveLength(1);
  expect(splitDataset(clips, { heldOut: 0, seed: 1 })).toEqual({ training: clips, heldOut: [] });
});

test("chooses the same clips for the same seed", () => {
  const choose = (seed: number) => splitDataset(clips, { heldOut: 4, seed }).heldOut;

  expect(choose(1)).toEqual(choose(1));
  expect(choose(1)).not.toEqual(choose(2));
});

test("refuses to leave nothing to train on", () => {
  expect(() => splitDataset([1, 2], { heldOut: 2, seed: 1 })).toThrow(
    new DatasetError(
      "splitDataset: 2 of 2 clips are to be held out, so none is left to train on; hold out fewer or add clips",
    ),
  );
  expect(() => splitDataset([1], { heldOut: 0.5, seed: 1 })).toThrow("1 of 1 clips");
});

test.each([-1, 1.5, Number.NaN])("refuses to hold out %f clips", (heldOut) => {
  expect(() => splitDataset(clips, { heldOut, seed: 1 })).toThrow(
    `splitDataset: heldOut is ${heldOut}; give a whole number of clips, or a share below 1`,
  );
});
