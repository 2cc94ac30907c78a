import { fixedCodes, spokenLength } from "@hawksbill/tortoise";
import { expect, test } from "vitest";

const silence = { calm: 83, ending: [45, 45, 248] };
const codes = (...all: number[]): Int32Array => Int32Array.from(all);

test("silence fills a candidate that stopped, and its last codes are those of an end", () => {
  expect(fixedCodes({ codes: codes(1, 2), stopped: true }, 7, silence)).toEqual(
    codes(1, 2, 83, 83, 45, 45, 248),
  );
});

test("the end is written over whatever is there, as in the original", () => {
  expect(fixedCodes({ codes: codes(1, 2, 3, 4), stopped: true }, 5, silence)).toEqual(
    codes(1, 2, 45, 45, 248),
  );
  expect(fixedCodes({ codes: codes(1), stopped: true }, 2, silence)).toEqual(codes(45, 248));
});

test("a candidate that did not stop stays as it is", () => {
  expect(fixedCodes({ codes: codes(1, 2, 3), stopped: false }, 3, silence)).toEqual(codes(1, 2, 3));
});

test("speech lasts until more than eight calm codes in a row, of which eight stay", () => {
  const calm = (count: number): number[] => Array(count).fill(83);
  expect(spokenLength(codes(5, ...calm(8), 6, ...calm(8)), silence)).toBe(18);
  expect(spokenLength(codes(5, ...calm(8), 6, ...calm(9)), silence)).toBe(18);
  expect(spokenLength(codes(...calm(30)), silence)).toBe(8);
});
