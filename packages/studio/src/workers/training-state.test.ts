import { Random, tensor } from "@hawksbill/core";
import { expect, test } from "vitest";
import { memoryFolder } from "./memory-folder.js";
import { savedState, saveState } from "./training-state.js";

test("begins the epoch anew where batches are of another size", async () => {
  const folder = memoryFolder();
  const weights = { w: tensor([1]) };
  const optimizer = { step: 9, moments: {} };
  const random = new Random(1).state;
  await saveState(folder, { step: 9, epoch: 2, batch: 3, weights, optimizer, random }, 4);

  expect(await savedState(folder, 4)).toMatchObject({ step: 9, epoch: 2, batch: 3 });
  expect(await savedState(folder, 1)).toMatchObject({ step: 9, epoch: 2, batch: 0 });
});
