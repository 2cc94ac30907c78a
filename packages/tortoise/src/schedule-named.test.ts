import { expect, test } from "vitest";
import { scheduleNamed } from "./schedule-named.js";

test("restarts begin with the full rate again, behind one warm-up", () => {
  const rate = scheduleNamed(1, 22, { name: "restarts", warmupSteps: 2, restartEvery: 10 });
  expect([0, 2, 7, 11, 12, 17].map((step) => Number(rate(step).toFixed(2)))).toEqual([
    0.33, 1, 0.55, 0.12, 1, 0.55,
  ]);
});

test("without a length, three falls fill the steps", () => {
  const rate = scheduleNamed(1, 30, { name: "restarts", warmupSteps: 0 });
  expect([0, 10, 20].map(rate)).toEqual([1, 1, 1]);
});
