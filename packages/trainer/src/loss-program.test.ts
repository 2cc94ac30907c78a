import { chainGradients, matmul, Random, type Tensor, tanh, type Weights } from "@hawksbill/core";
import { expect, test } from "vitest";
import {
  cpu,
  eventsOf,
  type ToyBatch,
  toyBatch,
  toyOptions,
  toyWeights,
  valuesOf,
} from "../fixtures/toy.js";
import { adamW } from "./adamw.js";
import { initialiseAdapter } from "./adapter.js";
import { applied } from "./apply-adapter.js";
import { train } from "./train.js";
import type { LossProgram } from "./train-options.js";

const on = cpu();
const w = (weights: Weights, name: string): Tensor => weights[name] as Tensor;

test("a chain of programs trains as one program does", async () => {
  const start = (): Weights => ({ ...toyWeights(), "block.weight": new Random(4).normal([3, 3]) });
  const block = (x: Tensor, weights: Weights): Tensor => tanh(matmul(x, w(weights, "weight")));
  const chain = chainGradients<ToyBatch, ReturnType<typeof toyOptions.loss>>(
    {
      first: (_, { x }) => x,
      blocks: ["block"],
      block: (weights, x) => block(x, weights),
      last: (weights, x, batch) => toyOptions.loss(weights, { ...batch, x }),
      isFirst: () => false,
    },
    on,
  );
  const trained = async (
    loss: LossProgram<ToyBatch> | typeof toyOptions.loss,
  ): Promise<Weights> => {
    const weights = start();
    const evaluate = { every: 4, batches: () => [toyBatch(new Random(1))] };
    await eventsOf(
      train({ ...on, ...toyOptions, weights, loss, evaluate, optimizer: adamW(weights) }),
    );
    return weights;
  };
  const whole = await trained((weights, batch) =>
    toyOptions.loss(weights, {
      ...batch,
      x: block(batch.x, { weight: w(weights, "block.weight") }),
    }),
  );
  const parts = await trained(chain);
  await chain.release();
  for (const [name, values] of Object.entries(valuesOf(whole)))
    values.forEach((value, i) => {
      expect(valuesOf(parts)[name]?.[i]).toBeCloseTo(value, 5);
    });
});

test("an adapter is trained alone, and its base stays", async () => {
  const base = toyWeights();
  const before = valuesOf(base);
  const adapter = initialiseAdapter(base, { rank: 2, random: new Random(3) });
  const { weights } = adapter;
  const batches = [toyBatch(new Random(1), 16)];
  const events = await eventsOf(
    train({
      ...on,
      weights,
      steps: 80,
      batches: () => batches,
      loss: (lora, batch: ToyBatch) =>
        toyOptions.loss(applied(base, { ...adapter, weights: lora }), batch),
      optimizer: adamW(weights, { learningRate: 0.03 }),
    }),
  );
  const losses = events.flatMap((event) => (event.type === "step" ? [event.loss] : []));
  expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 3);
  expect(valuesOf(base)).toEqual(before);
});
