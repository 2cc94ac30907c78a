import { afterAll, describe, expect, test } from "vitest";
import {
  compile,
  type Device,
  grad,
  matmul,
  mul,
  openDevice,
  Random,
  scope,
  sum,
  type Tensor,
} from "../src/index.js";
import { device, hasFloat16 } from "./device.js";

/**
 * Of the root mean square. Where sums are in float32 (cpu, wasm) only the rounding of operands and results is left,
 * 2^-11 each; on WebGPU 2.4e-3 were measured at 256 terms.
 */
const tolerance = 4e-3;

const random = new Random(3);
const [rows, length, columns] = [5, 600, 128]; // In parts of 200.

describe.runIf(hasFloat16)("products in float16", async () => {
  const half: Device = hasFloat16
    ? await openDevice(device.name, { products: "float16", threads: 1 })
    : device;
  afterAll(() => half.close());

  async function expectClose(
    f: (...inputs: Tensor[]) => Tensor,
    inputs: readonly Tensor[],
    options: { anyLength?: boolean } = {},
  ): Promise<void> {
    await scope(async () => {
      const wanted = await (await compile(f, { device, ...options })(...inputs)).data();
      const got = await (await compile(f, { device: half, ...options })(...inputs)).data();
      expect(relativeError(got as Float32Array, wanted as Float32Array)).toBeLessThan(tolerance);
      expect(got).not.toEqual(wanted); // Else they were in float32.
    });
  }

  const left = random.normal([rows, length]);
  const right = random.normal([length, columns]);

  test("multiply inputs, in parts whose sums are in float32", () =>
    expectClose((a, b) => matmul(a, b), [left, right]));

  test("multiply by a constant", () => expectClose((a) => matmul(a, right), [left]));

  test("multiply by a constant in programs of any length", () =>
    expectClose((a) => matmul(a, right), [left], { anyLength: true }));

  test("multiply stacks of matrices", () =>
    expectClose(
      (a, b) => matmul(a, b),
      [random.normal([2, 3, rows, length]), random.normal([3, length, columns])],
    ));

  test("keep gradients that are far below float16's smallest number", () =>
    expectClose(
      (a, b) => grad((a: Tensor) => mul(sum(mul(matmul(a, b), matmul(a, b))), 1e-12))(a),
      [left, right],
    ));

  test("keep what is zero", async () => {
    const zero = await compile((a: Tensor, b: Tensor) => matmul(mul(a, 0), b), { device: half })(
      left,
      right,
    );
    expect(await zero.data()).toEqual(new Float32Array(rows * columns));
    zero.dispose();
  });
});

/** Root mean square of the difference, of that of what is wanted. */
function relativeError(got: Float32Array, wanted: Float32Array): number {
  const size = (x: Float32Array): number => Math.hypot(...x);
  return size(got.map((x, i) => x - (wanted[i] as number))) / size(wanted);
}

test.runIf(!hasFloat16)("products in float16 are refused where there is none", async () => {
  await expect(openDevice(device.name, { products: "float16" })).rejects.toThrow(
    "it has no float16; leave out `products`",
  );
});
