/// <reference types="node" />
import { readFileSync } from "node:fs";
import { toFloat16 } from "@hawksbill/checkpoint";
import {
  add,
  compile,
  conv1d,
  type Int8Matrix,
  int8Matrix,
  linear,
  liveTensors,
  matmul,
  mean,
  quantizeInt8,
  square,
  sub,
  type Tensor,
  tanh,
  tensor,
  transpose,
  unsqueeze,
  valueAndGrad,
  type Weights,
} from "@hawksbill/core";
import { expect, test } from "vitest";
import { cpu, valuesOf } from "../fixtures/toy.js";
import type { Adapter } from "./adapter.js";
import { applied } from "./apply-adapter.js";
import { merge } from "./merge-adapter.js";

// Made by PyTorch 2.13 in float64: tools/fixtures/optimizers.py.
const { adapters: fixture } = JSON.parse(
  readFileSync(new URL("../fixtures/optimizers.json", import.meta.url), "utf8"),
);
const on = cpu();

interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

function weightsOf(stored: Readonly<Record<string, Stored>>): Weights {
  return Object.fromEntries(
    Object.entries(stored).map(([name, { shape, data }]) => [
      name,
      tensor(Float32Array.from(data), { shape }),
    ]),
  );
}

const base = weightsOf(fixture.base);
const adapter: Adapter = {
  rank: fixture.rank,
  alpha: fixture.alpha,
  layers: ["*"],
  weights: weightsOf(fixture.lora),
};
const { x, y } = weightsOf(fixture.inputs) as { x: Tensor; y: Tensor };
/** One matrix of each form: [out, in], GPT-2's [in, out], a convolution's [out, in, kernel]. */
function loss(weights: Weights): Tensor {
  const w = (name: string): Tensor => weights[`${name}.weight`] as Tensor;
  const out = matmul(tanh(linear(x, w("linear"))), w("c_proj"));
  const conv = conv1d(unsqueeze(transpose(x), 0), w("conv"));
  return add(mean(square(sub(out, y))), mean(square(conv)));
}

async function run(weights: Weights): Promise<{ value: number; grads: Weights }> {
  const step = compile(
    valueAndGrad((lora: Weights) => loss(applied(weights, { ...adapter, weights: lora }))),
    on,
  );
  const { value, grads } = await step(adapter.weights);
  await step.release();
  return { value: await value.item(), grads };
}

function expectGradients(got: Weights, wanted: Readonly<Record<string, number[]>>): void {
  expect(Object.keys(got)).toEqual(Object.keys(wanted));
  for (const [name, values] of Object.entries(valuesOf(got))) {
    const exact = wanted[name] as number[];
    const largest = Math.max(...exact.map(Math.abs)); // Small ones are differences of terms of its size.
    values.forEach((value, i) => {
      expect(Math.abs(value - (exact[i] as number)) / largest).toBeLessThan(2e-6);
    });
  }
}

test("loss and gradients equal PyTorch's, and the base does not change", async () => {
  const before = valuesOf(base);
  const { value, grads } = await run(base);
  expect(value / fixture.loss).toBeCloseTo(1, 6);
  expectGradients(grads, fixture.gradients);
  expect(valuesOf(base)).toEqual(before);
});

test("merged weights give what unmerged ones give, to 1e-6", async () => {
  const live = liveTensors();
  const merged = await merge(base, adapter);
  expect(liveTensors() - live).toBe(3);
  const whole = compile(loss, on);
  const value = await whole(merged);
  await whole.release();
  expect((await value.item()) / (await run(base)).value).toBeCloseTo(1, 6);
  expect(valuesOf(base)).toEqual(valuesOf(weightsOf(fixture.base)));
});

test("the product with a matrix never makes the sum, nor a gradient of its size", () => {
  const wide = { "wide.weight": tensor(new Float32Array(64 * 32), { shape: [64, 32] }) };
  const lora = {
    "wide.lora_A.weight": tensor(new Float32Array(2 * 32), { shape: [2, 32] }),
    "wide.lora_B.weight": tensor(new Float32Array(64 * 2), { shape: [64, 2] }),
  };
  const step = compile(
    valueAndGrad((weights: Weights, input: Tensor) => {
      const all = applied(wide, { rank: 2, alpha: 2, weights });
      return mean(square(linear(input, all["wide.weight"] as Tensor)));
    }),
    on,
  );
  const { graph } = step.program(lora, tensor(new Float32Array(5 * 32), { shape: [5, 32] }));
  const sizes = graph.nodes
    .filter(({ op }) => op !== "Transpose")
    .flatMap(({ results }) => results.map(({ shape }) => shape.reduce((n, m) => n * m, 1)));
  expect(Math.max(...sizes)).toBe(5 * 64);
});

test("a base of float16 and one of 8 bits are adapted as well", async () => {
  const exact = (await run(base)).value;
  const halves = compile((weights: Weights) => loss(applied(weights, adapter)), on);
  const half = await halves(toFloat16(base));
  await halves.release();
  expect((await half.item()) / exact).toBeCloseTo(1, 2); // Of 11 bits.

  const int8 = async (name: string): Promise<Int8Matrix> => quantizeInt8(base[name] as Tensor);
  const [linear8, proj8] = [await int8("linear.weight"), await int8("c_proj.weight")];
  const bytes = compile(() => {
    const matrices = { "linear.weight": int8Matrix(linear8), "c_proj.weight": int8Matrix(proj8) };
    return loss(applied({ ...base, ...matrices }, adapter));
  }, on);
  const rounded = await bytes();
  await bytes.release();
  expect((await rounded.item()) / exact).toBeCloseTo(1, 1); // Of 8 bits.
  expect(await rounded.item()).not.toBe(exact);
});
