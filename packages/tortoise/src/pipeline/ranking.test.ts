import { expect, test } from "vitest";
import { bestFirst } from "./ranking.js";

const codes = Int32Array.from({ length: 40 }, (_, i) => (i * i) % 61);
const circles = Int32Array.from({ length: 40 }, (_, i) => i % 5);

test("candidates that ended are in the order of their scores, equals in the order of drawing", () => {
  const scores = [0.1, -0.5, 0.30000001192092896, 0.3, 0.1];
  const ended = scores.map((score) => ({ codes, stopped: true, score }));

  expect(bestFirst(ended)).toEqual([2, 3, 0, 4, 1]);
});

test("what was cut comes after what ended, and what goes round in circles last, whatever the score", () => {
  const candidates = [
    { codes: circles, stopped: false, score: 9 },
    { codes, stopped: false, score: 5 },
    { codes, stopped: true, score: -2 },
    { codes, stopped: false, score: 6 },
  ];

  expect(bestFirst(candidates)).toEqual([2, 3, 1, 0]);
});

test("one candidate has no score", () => {
  expect(bestFirst([{ codes, stopped: false }])).toEqual([0]);
});
