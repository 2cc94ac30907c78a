import { expect, test } from "vitest";
import { lossCurves } from "./loss-curves.js";

test("steps of batches and of held-out clips share one axis", () => {
  const losses = [1, 2, 3].map((step) => ({ step, mel: 9 - step }));
  const measured = [0, 3].map((step) => ({ step, mel: 7 - step }));

  const [steps, batches, averaged, heldOut] = lossCurves({ losses, measured });

  expect(steps).toEqual([0, 1, 2, 3]);
  expect(batches).toEqual([null, 8, 7, 6]);
  expect(averaged).toEqual([null, 7.5, 7, 6.5]);
  expect(heldOut).toEqual([7, null, null, 4]);
});
