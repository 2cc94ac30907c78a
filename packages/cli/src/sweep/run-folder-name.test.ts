import { expect, test } from "vitest";
import { runFolderName } from "./run-folder-name.js";

test("is the combination's name where that is plain", () => {
  expect(runFolderName("learning-rate=1e-5 lora=16")).toBe("learning-rate=1e-5_lora=16");
});

test.each([
  ["dataset=Анна", "dataset=Борис"],
  ["base=a b", "base=a_b"],
  ["base=runs/a", "base=runs_a"],
  [`lora-layers=${"x".repeat(300)}`, `lora-layers=${"x".repeat(301)}`],
])("tells %s from %s", (one, other) => {
  const names = [one, other].map(runFolderName);

  expect(names[0]).not.toBe(names[1]);
  for (const name of names) expect(name).toMatch(/^[\w.=+-]{1,110}$/);
});
