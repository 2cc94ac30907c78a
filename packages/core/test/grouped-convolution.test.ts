import { expect, test } from "vitest";
import {
  compile,
  concat,
  conv1d,
  convTranspose1d,
  grad,
  mul,
  Random,
  split,
  sum,
  type Tensor,
} from "../src/index.js";
import { device } from "./device.js";

/** What is close for sums of a dozen products in float32. */
const digits = 4;

async function expectClose(got: Tensor, wanted: Tensor): Promise<void> {
  expect(got.shape).toEqual(wanted.shape);
  const values = await wanted.data();
  for (const [i, value] of (await got.data()).entries())
    expect(value).toBeCloseTo(values[i] as number, digits);
}

// [groups, channels and outputs of each]: WebGPU mixed the groups of 6 outputs, 4 of which it takes at once.
test.each([
  [4, 3, 6],
  [4, 2, 3],
  [3, 4, 8],
])("%d groups of %d channels and %d outputs are convolutions of their own", async (G, I, O) => {
  const random = new Random(3);
  const [x, weight] = [random.normal([1, G * I, 5]), random.normal([G * O, I, 3])];
  const bias = random.normal([G * O]);
  const apart = (x: Tensor, weight: Tensor, bias: Tensor): Tensor => {
    const parts = [split(x, G, 1), split(weight, G, 0), split(bias, G, 0)];
    const one = (i: number): Tensor => {
      const [x, w, b] = parts.map((part) => part[i]) as [Tensor, Tensor, Tensor];
      return conv1d(x, w, b);
    };
    return concat(
      Array.from({ length: G }, (_, i) => one(i)),
      1,
    );
  };
  const together = compile(
    (x: Tensor, w: Tensor, b: Tensor) => [conv1d(x, w, b, { groups: G }), apart(x, w, b)] as const,
    { device },
  );
  const [a, b] = await together(x, weight, bias);
  await expectClose(a, b);
  await together.release();
});

type Convolve = (x: Tensor, w: Tensor, groups: number) => Tensor;

// The gradients of 6 channels a group are convolutions, or transposed ones, of 6 outputs a group.
test.each<[string, Convolve, number[], number[]]>([
  ["conv1d", (x, w, groups) => conv1d(x, w, undefined, { groups }), [1, 24, 9], [8, 6, 3]],
  [
    "conv1d of stride 2",
    (x, w, groups) => conv1d(x, w, undefined, { groups, stride: 2 }),
    [1, 24, 9],
    [8, 6, 3],
  ],
  [
    "convTranspose1d",
    (x, w, groups) => convTranspose1d(x, w, undefined, { groups }),
    [1, 24, 5],
    [24, 2, 3],
  ],
])("the gradients of %s in 4 groups are those of 4", async (_, convolve, xShape, wShape) => {
  const G = 4;
  const random = new Random(5);
  const parts = { x: random.normal(xShape), w: random.normal(wShape) };
  const gradients = grad((p: typeof parts, areApart: boolean) => {
    const [xs, ws] = [split(p.x, G, 1), split(p.w, G, 0)];
    const each = xs.map((x, i) => convolve(x, ws[i] as Tensor, 1));
    const y = areApart ? concat(each, 1) : convolve(p.x, p.w, G);
    return sum(mul(y, new Random(6).normal(y.shape)));
  });
  const both = compile((p: typeof parts) => [gradients(p, false), gradients(p, true)] as const, {
    device,
  });
  const [a, b] = await both(parts);
  await expectClose(a.x, b.x);
  await expectClose(a.w, b.w);
  await both.release();
});
