import { afterAll, expect, test } from "vitest";
import { compile } from "./compile.js";
import { ones, tensor, zeros } from "./create-tensor.js";
import { DTypeError } from "./dtype.js";
import { checkpoint, grad, pullback, valueAndGrad, valueAndGradWithAux } from "./grad.js";
import { openDevice } from "./open-device.js";
import { add, cast, mul, square, tanh } from "./ops/arithmetic.js";
import { matmul } from "./ops/products.js";
import { sum } from "./ops/reductions.js";
import { ShapeError } from "./shape.js";
import type { Tensor } from "./tensor.js";

const device = await openDevice("cpu");
afterAll(() => device.close());

test("gives value and gradients in the form of the first argument", async () => {
  const run = compile(
    valueAndGrad(({ a, list }: { a: Tensor; list: readonly [Tensor, number] }, x: Tensor) =>
      sum(mul(mul(a, list[0]), x)),
    ),
    { device },
  );
  const { value, grads } = await run(
    { a: tensor([1, 2]), list: [tensor([3, 4]), 5] },
    tensor([1, 10]),
  );
  expect(await value.item()).toBe(83);
  expect(grads.a.dataSync()).toEqual(Float32Array.of(3, 40));
  expect(grads.list[0].dataSync()).toEqual(Float32Array.of(1, 20));
  expect(grads.list[1]).toBe(5);
});

test("what the loss does not depend on has a gradient of zeros", async () => {
  const unused = tensor([Number.NaN, 1]);
  const run = compile(
    grad((p: { used: Tensor; unused: Tensor }) => sum(p.used)),
    { device },
  );
  const grads = await run({ used: ones([2]), unused });
  expect(grads.unused.dataSync()).toEqual(new Float32Array(2));
});

test("further results come beside the loss, without gradient", async () => {
  const run = compile(
    valueAndGradWithAux((x: Tensor) => ({ loss: sum(square(x)), aux: { doubled: mul(x, 2) } })),
    { device },
  );
  const { value, aux, grads } = await run(tensor([3]));
  expect([await value.item(), await aux.doubled.item(), await grads.item()]).toEqual([9, 6, 6]);
});

test("a tensor used in several places gets the sum of its gradients", async () => {
  const run = compile(
    grad((x: Tensor) => sum(add(mul(x, 2), add(x, mul(x, x))))),
    { device },
  );
  expect(await (await run(tensor([5]))).item()).toBe(13);
});

test("the same tensor as parameter and as data is differentiated as parameter only", async () => {
  const run = compile((x: Tensor) => grad((p: Tensor) => sum(mul(p, x)))(x), { device });
  expect(await (await run(tensor([7]))).item()).toBe(7);
});

test("no gradient flows through whole numbers", async () => {
  const round = (x: Tensor): Tensor => cast(cast(x, "int32"), "float32");
  const run = compile(
    grad((x: Tensor) => sum(mul(x, round(x)))),
    { device },
  );
  expect(await (await run(tensor([2.5]))).item()).toBe(2);
});

test("a checkpointed function computes its inner values again, for the backward pass only", () => {
  const block = (x: Tensor, w: Tensor): Tensor => tanh(matmul(tanh(matmul(x, w)), w));
  const count = (fn: typeof block, op: string): number => {
    const lossAndGrad = valueAndGrad((w: Tensor, x: Tensor) => sum(fn(x, w)));
    const { graph } = compile(lossAndGrad, { device }).program(zeros([2, 2]), zeros([2, 2]));
    return graph.nodes.filter((node) => node.op === op).length;
  };
  // 2 forwards, 3 backwards (x needs no gradient), and with recomputation 2 more.
  expect([count(block, "MatMul"), count(checkpoint(block), "MatMul")]).toEqual([5, 7]);
  expect([count(block, "Tanh"), count(checkpoint(block), "Tanh")]).toEqual([2, 4]);
  const forward = compile(checkpoint(block), { device });
  expect(forward.program(zeros([2, 2]), zeros([2, 2])).graph.nodes).toHaveLength(5);
});

test("a checkpointed function may take numbers of several forms", async () => {
  const wide = (x: Tensor, w: Tensor): Tensor => tanh(mul(cast(x, "float32"), w));
  const given = { x: tensor([0.5, -1], { dtype: "float16" }), w: tensor([2, 3]) };
  const gradsOf = async (fn: typeof wide): Promise<unknown[]> => {
    const run = compile(
      grad(({ x, w }: typeof given) => sum(fn(x, w))),
      { device },
    );
    return Object.values(await run(given)).map((g) => g.dataSync());
  };
  expect(await gradsOf(checkpoint(wide))).toEqual(await gradsOf(wide));
});

test("a loss of several elements is refused", () => {
  expect(() => valueAndGrad((x: Tensor) => x)(zeros([2]))).toThrow(
    new ShapeError("valueAndGrad: the function gave float32[2]; return one element, e.g. sum(x)"),
  );
});

test("a loss of whole numbers is refused", () => {
  expect(() => valueAndGrad((x: Tensor) => cast(x, "int32"))(zeros([]))).toThrow(
    new DTypeError("valueAndGrad: the function gave int32[]; return floating point"),
  );
});

test("parameters of whole numbers are refused", () => {
  expect(() =>
    grad((p: { ids: Tensor }) => sum(cast(p.ids, "float32")))({ ids: zeros([2], "int32") }),
  ).toThrow(
    new DTypeError(
      "valueAndGrad: ids is int32[2], which has no gradient; give it as a further argument",
    ),
  );
  const back = pullback((p: { ids: Tensor }) => cast(p.ids, "float32"));
  expect(() => back(zeros([2]), { ids: zeros([2], "int32") })).toThrow("pullback: ids is int32[2]");
});
