import { expect, test } from "vitest";
import { overfitting } from "./overfitting.js";

function said(...losses: number[]): string | undefined {
  const events = losses.map((loss, i) => ({
    ...({ type: "evaluation", step: 10 * i, steps: 100, loss, metrics: {}, seconds: 0 } as const),
  }));
  return overfitting(events);
}

test("says nothing while the loss falls, nor of one rise", () => {
  expect(said()).toBeUndefined();
  expect(said(3, 2, 1)).toBeUndefined();
  expect(said(3, 2, 2.5)).toBeUndefined();
  expect(said(3, 2, 2.5, 1.9)).toBeUndefined();
});

test("names the best step once the loss has stayed above it", () => {
  expect(said(3, 2, 2.1, 2.5)).toMatch(
    /^the held-out loss was lowest after step 10 \(2\.000\) and has been higher 2 times since/,
  );
});
