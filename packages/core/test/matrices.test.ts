import { expect, test } from "vitest";
import {
  add,
  blockMatrix,
  compile,
  int8Matrix,
  linear,
  lowRankUpdate,
  matmul,
  mul,
  quantizeBlocks,
  quantizeInt8,
  Random,
  square,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
} from "../src/index.js";
import { device } from "./device.js";

const random = new Random(1);

async function relativeError(ours: Tensor, theirs: Tensor): Promise<number> {
  expect(ours.shape).toEqual(theirs.shape);
  const expected = (await theirs.data()) as Float32Array;
  const got = (await ours.data()) as Float32Array;
  return Math.hypot(...got.map((x, i) => x - (expected[i] as number))) / Math.hypot(...expected);
}

test.each([true, false])(
  "a low-rank update is the sum, and so are its gradients (transposed: %s)",
  async (transposeB) => {
    const params = {
      matrix: random.normal([8, 6]),
      up: random.normal([8, 2]),
      down: random.normal([2, 6]),
      x: random.normal([3, transposeB ? 6 : 8]),
    };
    type P = typeof params;
    const loss = (product: (p: P) => Tensor) =>
      compile((p: P) => valueAndGrad((q: P) => sum(square(product(q))))(p), { device });
    const sumFirst = loss(({ matrix, up, down, x }) =>
      matmul(x, add(matrix, mul(matmul(up, down), 0.5)), { transposeB }),
    );
    const narrow = loss(({ matrix, up, down, x }) =>
      matmul(x, lowRankUpdate(matrix, up, down, 0.5), { transposeB }),
    );
    const [expected, ours] = [await sumFirst(params), await narrow(params)];
    expect(await relativeError(ours.value, expected.value)).toBeLessThan(1e-6);
    for (const name of ["matrix", "up", "down", "x"] as const)
      expect(await relativeError(ours.grads[name], expected.grads[name])).toBeLessThan(1e-6);
  },
);

test("with a frozen matrix, nothing of its size is made", () => {
  const matrix = random.normal([8, 6]);
  const run = compile(
    (p: { up: Tensor; down: Tensor }, x: Tensor) =>
      valueAndGrad(({ up, down }: { up: Tensor; down: Tensor }) =>
        sum(square(matmul(x, lowRankUpdate(matrix, up, down)))),
      )(p),
    { device },
  );
  const p = { up: random.normal([8, 2]), down: random.normal([2, 6]) };
  const { graph } = run.program(p, random.normal([3, 8]));
  const shapes = graph.nodes.flatMap(({ results }) => results.map(({ shape }) => `${shape}`));
  expect(shapes).toContain("8,2");
  expect(shapes).not.toContain("8,6");
});

test("a low-rank update of other sizes is refused", () => {
  const [matrix, up, down] = [
    [8, 6],
    [8, 2],
    [3, 6],
  ].map((shape) => random.normal(shape));
  expect(() => lowRankUpdate(matrix as Tensor, up as Tensor, down as Tensor)).toThrow(
    "lowRankUpdate: [8,6] cannot take [8,2] · [3,6]",
  );
});

test("whole numbers that fit 8 bits are multiplied exactly", async () => {
  const w = tensor(
    [
      [127, -3, 0],
      [5, 127, -127],
    ],
    { dtype: "float32" },
  );
  const x = tensor([
    [127, -20],
    [0, 0],
    [-127, 1],
  ]);
  const own = await quantizeInt8(w);
  expect(Array.from(own.scales.dataSync(), Number)).toEqual([1, 1, 1]);
  const run = compile((y: Tensor) => matmul(y, int8Matrix(own)), { device });
  const result = await run(x);
  // Of zeros come zeros of either sign.
  expect(Array.from((await result.data()) as Float32Array, (y) => y + 0)).toEqual([
    127 * 127 - 100,
    -381 - 2540,
    2540,
    0,
    0,
    0,
    -127 * 127 + 5,
    381 + 127,
    -127,
  ]);
});

test.each([true, false])(
  "products and gradients differ by the rounding (transposed: %s)",
  async (transposeB) => {
    const w = random.normal([64, 96]);
    const x = random.normal([5, 7, transposeB ? 96 : 64]);
    const own = await quantizeInt8(w);
    const loss = (matrix: () => Tensor) =>
      compile(
        (y: Tensor) =>
          valueAndGrad((z: Tensor) =>
            sum(square(transposeB ? linear(z, matrix()) : matmul(z, matrix()))),
          )(y),
        { device },
      );
    const [expected, ours] = [await loss(() => w)(x), await loss(() => int8Matrix(own))(x)];
    expect(await relativeError(ours.value, expected.value)).toBeLessThan(0.01);
    expect(await relativeError(ours.grads, expected.grads)).toBeLessThan(0.02);
  },
);

test("without its transpose a matrix has half the bytes, and no products with the transpose", async () => {
  const w = random.normal([6, 4]);
  const { values, scales, ...transposed } = await quantizeInt8(w);
  const half = await quantizeInt8(w, { transposed: false });
  expect(Object.keys(half)).toEqual(["values", "scales"]);
  expect(half.values.dataSync()).toEqual(values.dataSync());
  expect(half.scales.dataSync()).toEqual(scales.dataSync());
  expect(Object.keys(transposed)).toHaveLength(2);
  expect(() => linear(random.normal([2, 4]), int8Matrix(half))).toThrow(
    "int8Matrix: a product with the transpose, or a gradient, needs it rounded, too; quantize with transposed: true",
  );
});

test.each([
  { bits: 8, most: 0.01 },
  { bits: 4, most: 0.1 },
] as const)("products by blocks of $bits bits differ by the rounding", async ({ bits, most }) => {
  const w = random.normal([80, 48]); // The last block is half full.
  const x = random.normal([5, 7, 80]);
  const own = await quantizeBlocks(w, bits);
  const loss = (matrix: () => Tensor) =>
    compile((y: Tensor) => valueAndGrad((z: Tensor) => sum(square(matmul(z, matrix()))))(y), {
      device,
    });
  const [expected, ours] = [await loss(() => w)(x), await loss(() => blockMatrix(own))(x)];
  const rounded = await loss(() => blockMatrix(own, { roundRows: true }))(x);
  expect(await relativeError(ours.value, expected.value)).toBeLessThan(most);
  expect(await relativeError(ours.grads, expected.grads)).toBeLessThan(2 * most);
  expect(await relativeError(rounded.value, expected.value)).toBeLessThan(most);
});

test("each block of a column has a scale of its own, and the largest number its last step", async () => {
  const rows = Float32Array.from({ length: 64 }, (_, i) => (i < 32 ? i - 31 : 1000 * (i - 32)));
  const four = await quantizeBlocks(tensor(rows, { shape: [64, 1] }), 4);
  expect(four.scales.dataSync()).toEqual(new Float32Array([31 / 8, 31_000 / -8]));
  const [first, middle] = [0, 16].map((i) => four.values.dataSync()[i]);
  expect([Number(first) % 16, Number(middle) % 16]).toEqual([0, 8]);
  const eight = await quantizeBlocks(tensor(rows, { shape: [64, 1] }), 8);
  const bytes = eight.values.dataSync();
  expect([bytes[0], bytes[31], bytes[32], bytes[63]]).toEqual([255, 128, 128, 255]);
});

test("what is no matrix is refused", async () => {
  await expect(quantizeBlocks(random.normal([3]), 4)).rejects.toThrow("give one of two axes");
  await expect(quantizeInt8(random.normal([3]))).rejects.toThrow("give one of two axes");
});
