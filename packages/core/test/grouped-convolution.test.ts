import { expect, test } from "vitest";
import { compile, concat, conv1d, Random, split, type Tensor } from "../src/index.js";
import { device } from "./device.js";

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
  const wanted = await b.data();
  for (const [i, value] of (await a.data()).entries())
    expect(value).toBeCloseTo(wanted[i] as number, 4); // Sums of a dozen products in float32.
  await together.release();
});
