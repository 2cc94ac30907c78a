import { expect, test } from "vitest";
import { count, duration, memoryText, rateText, shellWord } from "./format.js";

test.each([
  [0.04, "0.0 s"],
  [9.96, "10 s"],
  [48.4, "48 s"],
  [59.7, "1 min 00 s"],
  [192, "3 min 12 s"],
  [3841, "1 h 04 min"],
])("%d seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test("numbers are short", () => {
  expect(rateText(0.0002)).toBe("2.0e-4");
  expect(memoryText(612.3)).toBe("612 MB");
  expect(memoryText(3500)).toBe("3.4 GB");
  expect([count(1, "clip"), count(2, "clip")]).toEqual(["1 clip", "2 clips"]);
});

test("paths can be pasted into a shell", () => {
  expect(shellWord("/home/me/my-run_1.2")).toBe("/home/me/my-run_1.2");
  expect(shellWord('my "$run"')).toBe('"my \\"\\$run\\""');
});
