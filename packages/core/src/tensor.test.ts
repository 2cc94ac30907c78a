import { expect, test } from "vitest";
import { full, type NestedNumbers, ones, tensor, zeros } from "./create-tensor.js";
import { DTypeError } from "./dtype.js";
import { add } from "./ops/arithmetic.js";
import { liveTensors, scope } from "./scope.js";
import { ShapeError } from "./shape.js";
import { DisposedError, type Tensor } from "./tensor.js";

test("numbers and nested arrays give float32 of their shape", () => {
  const made = [
    tensor(3),
    tensor([1, 2]),
    tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
    tensor([]),
  ];
  expect(made.map(String)).toEqual(["float32[]", "float32[2]", "float32[3,2]", "float32[0]"]);
  expect(made[2]?.dataSync()).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
});

test("a typed array is kept, not copied, and says the dtype", () => {
  const data = Int32Array.of(1, 2, 3, 4);
  const x = tensor(data, { shape: [2, 2] });
  expect(x.dataSync()).toBe(data);
  expect(`${x} rank ${x.rank} size ${x.size} place ${x.place}`).toBe(
    "int32[2,2] rank 2 size 4 place host",
  );
});

test("zeros, ones and full", () => {
  expect(zeros([2], "int64").dataSync()).toEqual(BigInt64Array.of(0n, 0n));
  expect(ones([2]).dataSync()).toEqual(Float32Array.of(1, 1));
  expect(full([2], -0.5, "float16").dataSync()).toEqual(Uint16Array.of(0xb800, 0xb800));
});

test("item gives the only element as a number", async () => {
  expect(await tensor([[2.5]]).item()).toBe(2.5);
  expect(await tensor(7, { dtype: "int64" }).item()).toBe(7);
  await expect(zeros([2]).item()).rejects.toThrow(
    new ShapeError("item: float32[2] has 2 elements; give a tensor with one"),
  );
});

test.each<[string, NestedNumbers]>([
  ["too short", [[1, 2], [3]]],
  ["as many elements as there should be", [[1, 2], [3, 4, 5], [6]]],
  ["of two depths", [1, [2]]],
])("ragged rows are refused: %s", (_, rows) => {
  expect(() => tensor(rows)).toThrow(
    new ShapeError("tensor: nested arrays are ragged; give every row the same length"),
  );
});

test("a shape must hold the elements", () => {
  expect(() => tensor([1, 2, 3], { shape: [2, 2] })).toThrow(
    new ShapeError("tensor: shape [2,2] holds 4 elements, the array has 3"),
  );
});

test("a typed array must be the dtype's own", () => {
  expect(() => tensor(new Float32Array(2), { dtype: "int32" })).toThrow(
    new DTypeError("tensor: a Float32Array cannot hold int32; give a Int32Array"),
  );
});

test("a tensor in a program has no elements to read", () => {
  const sum = add(tensor([1]), tensor([2]));
  expect(() => sum.dataSync()).toThrow(
    new TypeError(
      "data: float32[1] is part of a program; return it from a compiled function to get its elements",
    ),
  );
});

test("a tensor cannot be used after it was disposed of, and disposing twice does nothing", () => {
  const x = tensor([1, 2]);
  const before = liveTensors();
  x.dispose();
  x.dispose();
  expect(liveTensors()).toBe(before - 1);
  expect(x.place).toBe("disposed");
  const advice =
    "float32[2] was disposed of; use it before dispose() or before its scope ends, or return it from the scope";
  expect(() => x.dataSync()).toThrow(new DisposedError(`data: ${advice}`));
  expect(() => add(x, 1)).toThrow(new DisposedError(`Add: ${advice}`));
});

test("a scope disposes of all that was made in it but what it returns", async () => {
  const before = liveTensors();
  let lost: Tensor | undefined;
  const kept = await scope(async () => {
    lost = zeros([1]);
    await Promise.resolve();
    return { a: ones([1]), list: [ones([2])], steps: 3 };
  });
  expect(lost?.place).toBe("disposed");
  expect([kept.a.place, kept.list[0]?.place]).toEqual(["host", "host"]);
  expect(liveTensors()).toBe(before + 2);
});

test("what an inner scope returns belongs to the outer one", async () => {
  const before = liveTensors();
  await scope(async () => {
    const inner = await scope(() => ones([1]));
    expect(inner.place).toBe("host");
  });
  expect(liveTensors()).toBe(before);
});

test("a scope that fails keeps nothing", async () => {
  const before = liveTensors();
  const failing = scope(() => {
    ones([1]);
    throw new RangeError("no");
  });
  await expect(failing).rejects.toThrow(new RangeError("no"));
  expect(liveTensors()).toBe(before);
});

test("scopes that overlap in time are refused", async () => {
  const ends: (() => void)[] = [];
  const untilEnded = (): Promise<void> => new Promise((end) => ends.push(end));
  const [first, second] = [scope(untilEnded), scope(untilEnded)];
  ends[0]?.();
  await expect(first).rejects.toThrow(
    new Error("scope: two scopes overlap in time; await one before the next begins"),
  );
  ends[1]?.();
  await second;
});
