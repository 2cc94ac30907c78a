import { expect, test } from "vitest";
import { cutFrames, nextWindow, windows } from "./windows.js";

test("a signal no longer than a window is one window", () => {
  expect(windows(10, 10, 3)).toEqual([{ start: 0, end: 10, from: 0, to: 10 }]);
});

test("windows of one length cover every frame once, away from their cut ends", () => {
  const all = windows(47, 12, 3);
  expect(all.map(({ from }) => from)).toEqual([0, ...all.slice(0, -1).map(({ to }) => to)]);
  expect(all.at(-1)).toMatchObject({ end: 47, to: 47 });
  for (const { start, end, from, to } of all) {
    expect(end - start).toBe(12);
    expect(start === 0 || from - start >= 3).toBe(true);
    expect(end === 47 || end - to >= 3).toBe(true);
  }
});

test("cuts the same frames out of each row", () => {
  const rows = Float32Array.of(0, 1, 2, 3, 10, 11, 12, 13);
  expect(cutFrames(rows, 4, { start: 1, end: 3 })).toEqual(Float32Array.of(1, 2, 11, 12));
});

test("a window of a signal that is still coming waits for all of its frames", () => {
  const sizes = { length: 12, margin: 3 };
  expect(nextWindow(0, { ready: 11, ended: false }, sizes)).toBeUndefined();
  expect(nextWindow(0, { ready: 12, ended: false }, sizes)).toEqual({
    start: 0,
    end: 12,
    from: 0,
    to: 9,
  });
  expect(nextWindow(9, { ready: 17, ended: false }, sizes)).toBeUndefined();
  expect(nextWindow(9, { ready: 17, ended: true }, sizes)).toEqual({
    start: 5,
    end: 17,
    from: 9,
    to: 17,
  });
  expect(nextWindow(17, { ready: 17, ended: true }, sizes)).toBeUndefined();
});
