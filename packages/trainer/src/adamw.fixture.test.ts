/// <reference types="node" />
import { readFileSync } from "node:fs";
import { decodeSafetensors } from "@hawksbill/checkpoint";
import {
  compile,
  crossEntropy,
  embedding,
  layerNorm,
  linear,
  mul,
  openDevice,
  subtree,
  type Tensor,
  tanh,
  tensor,
  valueAndGrad,
  type Weights,
} from "@hawksbill/core";
import { expect, test } from "vitest";
import { adamW } from "./adamw.js";
import { decayGroups } from "./parameter-groups.js";
import { multiStepLR } from "./schedules.js";

// Made by PyTorch 2.13: see the file's metadata. float32 sums in another order leave 1e-5.
const fixture = decodeSafetensors(
  readFileSync(new URL("../fixtures/adamw.safetensors", import.meta.url)),
).tensors;
const tolerance = 1e-5;

/** Embedding, norm, one layer with tanh, head; 20 times the mean cross entropy. */
function loss(weights: Weights, ids: Tensor, targets: Tensor): Tensor {
  const w = (name: string): Tensor => weights[name] as Tensor;
  const x = layerNorm(embedding(w("emb.weight"), ids), w("ln.weight"), w("ln.bias"));
  const hidden = tanh(linear(x, w("fc.weight"), w("fc.bias")));
  return mul(crossEntropy(linear(hidden, w("head.weight"), w("head.bias")), targets), 20);
}

function numbers(name: string): number[] {
  return Array.from(fixture[name]?.dataSync() ?? [], Number);
}

/** Rows of `width` numbers: one a step, or one a batch item. */
function rows(values: readonly number[], width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, i) =>
    values.slice(i * width, (i + 1) * width),
  );
}

function expectClose(got: readonly number[], wanted: readonly number[]): void {
  expect(got.length).toBe(wanted.length);
  const worst = Math.max(...got.map((x, i) => Math.abs(x - (wanted[i] as number))));
  expect(worst).toBeLessThanOrEqual(tolerance);
}

test("twelve steps of AdamW with two groups, clipping and MultiStepLR equal PyTorch's", async () => {
  const device = await openDevice("cpu");
  const train = compile(valueAndGrad(loss), { device });
  const weights = subtree(fixture, "init");
  const optimizer = adamW(weights, { groups: decayGroups(weights) });
  const schedule = multiStepLR(1e-2, { milestones: [4, 8, 10], gamma: 0.5 });
  const batches = rows(numbers("inputs.ids"), 15);
  const targets = rows(numbers("inputs.targets"), 15);
  const losses: number[] = [];
  const rates: number[] = [];
  const norms: number[] = [];

  for (const [step, ids] of batches.entries()) {
    const { value, grads } = await train(
      weights,
      tensor(Int32Array.from(ids), { shape: [3, 5] }),
      tensor(Int32Array.from(targets[step] ?? []), { shape: [3, 5] }),
    );
    const learningRate = schedule(step);
    const { gradNorms } = optimizer.step(weights, grads, { learningRate, clip: { norm: 0.5 } });
    losses.push(await value.item());
    rates.push(learningRate);
    norms.push(...gradNorms);
  }
  await device.close();

  expectClose(rates, numbers("outputs.lr"));
  // Losses of 50 and norms of 10 have a float32 spacing of 4e-6 and 1e-6: relative error here.
  expectClose(
    losses.map((x, i) => x / (numbers("outputs.losses")[i] as number)),
    losses.map(() => 1),
  );
  expectClose(norms, numbers("outputs.grad_norms"));
  for (const [name, weight] of Object.entries(weights))
    expectClose(Array.from(weight.dataSync(), Number), numbers(`final.${name}`));
});
