import { expect, test } from "vitest";
import { broadcastShapes, lengthOf, resolveAxis, ShapeError, sameShape, sizeOf } from "./shape.js";

test("a shape holds the product of its lengths, a scalar one element", () => {
  expect([sizeOf([2, 3, 4]), sizeOf([]), sizeOf([3, 0])]).toEqual([24, 1, 0]);
});

test.each([
  [[2, -1], 1],
  [[0.5, 2], 0],
])("names the axis of %j that is no length", (shape, axis) => {
  expect(() => sizeOf(shape)).toThrow(
    new ShapeError(`sizeOf: axis ${axis} of shape [${shape}] must be a whole number >= 0`),
  );
});

test("shapes are the same if all lengths are", () => {
  expect(sameShape([2, 3], [2, 3])).toBe(true);
  expect(sameShape([2, 3], [3, 2])).toBe(false);
  expect(sameShape([2], [2, 1])).toBe(false);
});

test("axes of length 1 and missing axes broadcast", () => {
  expect(broadcastShapes("add", [2, 1, 3], [4, 1])).toEqual([2, 4, 3]);
  expect(broadcastShapes("add", [], [2])).toEqual([2]);
});

test("says which axis does not broadcast", () => {
  expect(() => broadcastShapes("add", [4, 3], [2, 3])).toThrow(
    new ShapeError(
      "add: shapes [4,3] and [2,3] do not broadcast: axis -2 is 4 and 2; make them equal or one of them 1",
    ),
  );
});

test("negative axes count from behind", () => {
  expect(resolveAxis("sum", -1, [2, 3])).toBe(1);
  expect(resolveAxis("sum", 0, [2, 3])).toBe(0);
});

test.each([2, -3, 0.5])("there is no axis %j", (axis) => {
  expect(() => resolveAxis("sum", axis, [2, 3])).toThrow(
    new ShapeError(`sum: axis ${axis} of shape [2,3] does not exist; give -2 to 1`),
  );
});

test("the length of an axis, if it exists", () => {
  expect(lengthOf([2, 3], -1)).toBe(3);
  expect(() => lengthOf([2, 3], 2)).toThrow(
    new ShapeError("lengthOf: axis 2 of shape [2,3] does not exist"),
  );
});
