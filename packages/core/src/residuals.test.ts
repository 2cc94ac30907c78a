import { afterAll, expect, test } from "vitest";
import { compile } from "./compile.js";
import { pullback } from "./grad.js";
import { type Tensor, treeTensors } from "./index.js";
import { openDevice } from "./open-device.js";
import { add, gelu } from "./ops/arithmetic.js";
import { layerNorm } from "./ops/norms.js";
import { matmul } from "./ops/products.js";
import { softmax } from "./ops/reductions.js";
import { Random } from "./random.js";
import { forwardBackward } from "./residuals.js";

const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());

type Params = {
  readonly x: Tensor; // [T=3, D=128]
  readonly scale: Tensor;
  readonly shift: Tensor;
  readonly wide: Tensor; // [D, 8]
  readonly narrow: Tensor; // [8, D]
};
const random = new Random(0);
const params: Params = {
  x: random.normal([3, 128]),
  scale: random.normal([128]),
  shift: random.normal([128]),
  wide: random.normal([128, 8]),
  narrow: random.normal([8, 128]),
};
const dy = random.normal([3, 128]);

/** A long product between cheap operators, and a short one behind them. */
function network({ x, scale, shift, wide, narrow }: Params): Tensor {
  const inner = matmul(layerNorm(x, scale, shift), wide); // 128 multiplications an element
  return add(x, matmul(softmax(gelu(inner, "tanh")), narrow)); // 8
}
const { forward, backward } = forwardBackward(network);

test("only what long products gave is kept", async () => {
  const { y, residuals } = await compile(forward, { device })(params);
  expect(y.shape).toEqual([3, 128]);
  expect(residuals.map(({ shape }) => shape)).toEqual([[3, 8]]);
});

test("the backward half holds no product of the forward one that was kept", () => {
  const count = (residuals: readonly Tensor[] | undefined): number =>
    compile(backward, { device })
      .program(dy, residuals, params)
      .graph.nodes.filter(({ op }) => op === "MatMul").length;
  const kept = [random.normal([3, 8])];
  expect(count(undefined) - count(kept)).toBe(1);
});

test("gradients from residuals, and with none, are those of pullback", async () => {
  const expected = treeTensors(await compile(pullback(network), { device })(dy, params));
  const { residuals } = await compile(forward, { device })(params);
  const back = compile(backward, { device });
  for (const given of [residuals, undefined])
    treeTensors(await back(dy, given, params)).forEach((gradient, i) => {
      const wanted = expected[i] as Tensor;
      expect(gradient.shape).toEqual(wanted.shape);
      for (const [j, g] of (gradient.dataSync() as Float32Array).entries())
        expect(g).toBeCloseTo((wanted.dataSync() as Float32Array)[j] as number, 4);
    });
});
