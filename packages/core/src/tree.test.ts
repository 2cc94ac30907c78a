import { expect, test } from "vitest";
import { ones, zeros } from "./create-tensor.js";
import { disposeTree, mapTree, subtree, treeTensors } from "./tree.js";

test("a mapped tree has the same form, and paths name its tensors", () => {
  const tree = {
    encoder: { weight: zeros([1]) },
    list: [ones([1]), 3],
    name: "a",
    none: undefined,
  };
  const mapped = mapTree(tree, (_, path) => path);
  expect(mapped).toEqual({
    encoder: { weight: "encoder.weight" },
    list: ["list.0", 3],
    name: "a",
    none: undefined,
  });
});

test("tensors of a tree come in order, and are disposed of together", () => {
  const [a, b] = [zeros([1]), ones([1])];
  expect(treeTensors({ a, more: [b, "x"] })).toEqual([a, b]);
  disposeTree({ a, more: [b] });
  expect([a.place, b.place]).toEqual(["disposed", "disposed"]);
});

test("a subtree holds the weights below a prefix, without it", () => {
  const weight = zeros([1]);
  const weights = { "gpt.h.0.weight": weight, "gpt.h.00.weight": ones([1]), "gpt.h.0": ones([1]) };
  expect(subtree(weights, "gpt.h.0")).toEqual({ weight });
});

test.each<[string, unknown, string]>([
  ["a.list.1", { a: { list: [1, new Float32Array(1)] } }, "a Float32Array"],
  ["it", new Map(), "a Map"],
  ["f", { f: () => 0 }, "a function"],
])("%s must not be %s", (path, tree, what) => {
  expect(() => treeTensors(tree)).toThrow(
    new TypeError(
      `tree: ${path} is ${what}; give tensors, numbers, strings, or plain objects and arrays of them`,
    ),
  );
});
