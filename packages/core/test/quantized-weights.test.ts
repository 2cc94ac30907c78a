import { expect, test } from "vitest";
import {
  compile,
  conv1d,
  lazyTensor,
  linear,
  liveTensors,
  matmul,
  QuantizedWeights,
  Random,
  type Tensor,
  type WeightPrecision,
  type Weights,
} from "../src/index.js";
import { device } from "./device.js";

const random = new Random(4);
const weights = {
  matrix: random.normal([64, 48]),
  "layer.weight": random.normal([48, 64]),
  "kernel.weight": random.normal([40, 64, 3]),
  bias: random.normal([40]),
};
const x = random.normal([2, 7, 64]);
const sound = random.normal([2, 64, 9]);

async function outputs(
  use: (w: Weights) => Tensor,
  precision: WeightPrecision,
  axes: "out-in" | "in-out" = "out-in",
): Promise<Float32Array> {
  const names = axes === "in-out" ? /^matrix$/ : /\.weight$/;
  const quantized = new QuantizedWeights(weights, precision, { device, names, axes });
  await quantized.ready();
  const run = compile(() => use(quantized.weights), { device });
  const y = await run();
  const data = ((await y.data()) as Float32Array).slice();
  y.dispose();
  await run.release();
  await quantized.dispose();
  return data;
}

const uses = {
  matmul: ({ matrix }: Weights) => matmul(x, matrix as Tensor),
  linear: (w: Weights) => linear(x, w["layer.weight"] as Tensor),
  "conv1d, padded": (w: Weights) =>
    conv1d(sound, w["kernel.weight"] as Tensor, w.bias as Tensor, { padding: 1 }),
  "conv1d, dilated": (w: Weights) =>
    conv1d(sound, w["kernel.weight"] as Tensor, w.bias as Tensor, { dilation: 3 }),
  // By the kernel's own elements.
  "conv1d with a stride": (w: Weights) =>
    conv1d(sound, w["kernel.weight"] as Tensor, undefined, { stride: 2 }),
} as const;

test.each(
  Object.entries(uses).flatMap(([name, use]) => [
    { name, use, precision: "int8" as const, most: 0.012 },
    { name, use, precision: "int4" as const, most: 0.12 },
  ]),
)("$name in $precision differs by the rounding", async ({ name, use, precision, most }) => {
  const axes = name === "matmul" ? "in-out" : "out-in";
  const before = liveTensors();
  const exact = await outputs(use, "float32", axes);
  const ours = await outputs(use, precision, axes);
  const error = Math.hypot(...ours.map((y, i) => y - (exact[i] as number)));
  expect(error / Math.hypot(...exact)).toBeLessThan(most);
  expect(error).toBeGreaterThan(0);
  expect(liveTensors()).toBe(before);
});

test("weights are rounded once, before they are used, and those that are not named stay", async () => {
  const quantized = new QuantizedWeights(weights, "int8", { device, names: /\.weight$/ });
  expect(() => quantized.weights).toThrow("wait for ready() first");
  await Promise.all([quantized.ready(), quantized.ready()]);
  const { weights: first } = quantized;
  await quantized.ready();
  expect(quantized.weights).toBe(first);
  expect(first.matrix).toBe(weights.matrix);
  expect(first["kernel.weight"]?.shape).toEqual([40, 64, 3]);
  await quantized.dispose();
  expect(() => quantized.weights).toThrow("wait for ready() first");
});

test("a weight that cannot be read or is no matrix leaves nothing behind, and may be tried again", async () => {
  let reads = 0;
  const read = async (): Promise<Uint8Array> => {
    if (reads++ === 0) throw new Error("no file");
    return new Uint8Array(4 * 8);
  };
  const failing = lazyTensor({ read }, { shape: [2, 4], dtype: "float32" });
  const before = liveTensors();
  const some = { "a.weight": weights["layer.weight"], "b.weight": failing };
  const quantized = new QuantizedWeights(some, "int8", { device, names: /weight/ });
  await expect(quantized.ready()).rejects.toThrow("no file");
  expect(liveTensors()).toBe(before);
  await quantized.ready();
  await quantized.dispose();
  expect(liveTensors()).toBe(before);
  const vectors = new QuantizedWeights(weights, "int8", { device, names: /bias/ });
  await expect(vectors.ready()).rejects.toThrow("give a matrix or the kernel of a conv1d");
});
