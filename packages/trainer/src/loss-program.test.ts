import {
  chainGradients,
  liveTensors,
  matmul,
  Random,
  type Tensor,
  tanh,
  type Weights,
} from "@hawksbill/core";
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
import { adamW8bit } from "./adamw-8bit.js";
import { initialiseAdapter } from "./adapter.js";
import { applied } from "./apply-adapter.js";
import type { Clip } from "./optimizer.js";
import { train } from "./train.js";
import type { Losses, LossProgram } from "./train-options.js";

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

function chainWeights(): Weights {
  const blocks = [0, 1, 2, 3].map((i) => [`block.${i}.weight`, new Random(i).normal([3, 3])]);
  return { ...toyWeights(), ...Object.fromEntries(blocks) };
}

/** A model of four blocks in a chain, and how many bytes of gradients were there at once. */
function countedChain(): { loss: LossProgram<ToyBatch>; most: () => number; total: () => number } {
  const blocks = Array.from({ length: 4 }, (_, i) => `block.${i}`);
  const chain = chainGradients<ToyBatch, ReturnType<typeof toyOptions.loss>>(
    {
      first: (_, { x }) => x,
      blocks,
      block: (weights, x) => tanh(matmul(x, w(weights, "weight"))),
      last: (weights, x, batch) => toyOptions.loss(weights, { ...batch, x }),
      isFirst: () => false,
    },
    on,
  );
  const bytesOf = (grads: Weights): number =>
    Object.values(grads).reduce((sum, { size }) => sum + 4 * size, 0);
  let [most, total] = [0, 0];
  const loss: LossProgram<ToyBatch> = {
    measure: chain.measure,
    async run(weights, batch, take) {
      let given = 0;
      const before = liveTensors();
      const count = async (grads: Weights, losses: Losses): Promise<void> => {
        most = Math.max(most, bytesOf(grads));
        given += bytesOf(grads);
        await take?.(grads, losses);
        // What is kept for the backward pass becomes less; gradients that stayed would make it more.
        expect(liveTensors()).toBeLessThan(before + blocks.length + 8);
      };
      const result = await chain.run(weights, batch, take ? count : undefined);
      most = Math.max(most, bytesOf(result.grads));
      total = given + bytesOf(result.grads);
      return result;
    },
  };
  return { loss, most: () => most, total: () => total };
}

test.each<Clip | undefined>([undefined, { norm: 0.1, by: "weight" }, { value: 0.01 }])(
  "weights updated part by part, clipped by %o: the same bits, and never all gradients",
  async (clip) => {
    const trained = async (update: "step" | "parts", make: typeof adamW) => {
      const weights = chainWeights();
      const { loss, most, total } = countedChain();
      const optimizer = make(weights);
      const bounded = clip ? { clip } : {};
      await eventsOf(train({ ...on, ...toyOptions, weights, loss, update, ...bounded, optimizer }));
      return { values: valuesOf(weights), most: most(), total: total() };
    };
    for (const make of [adamW, adamW8bit]) {
      const whole = await trained("step", make);
      const parts = await trained("parts", make);
      expect(parts.values).toEqual(whole.values);
      expect(whole.most).toBe(whole.total);
      expect(parts.total).toBe(whole.total);
      expect(parts.most).toBeLessThan(whole.most / 2);
    }
  },
);

/** The last and four blocks: the first has no weights. */
const partsOfStep = 5;

/** The chain, with something done in place of each part of its gradients. */
function withParts(
  each: (part: number, grads: Weights, take: (grads: Weights) => Promise<void>) => Promise<void>,
): LossProgram<ToyBatch> {
  const { loss } = countedChain();
  let parts = 0;
  return {
    measure: loss.measure,
    run: (weights, batch, take) =>
      loss.run(weights, batch, (grads, losses) =>
        each(parts++, grads, async (grads) => take?.(grads, losses)),
      ),
  };
}

test("a failure in the midst of a step's parts saves nothing, and names what was saved", async () => {
  const weights = chainWeights();
  const optimizer = adamW(weights);
  const saved: number[] = [];
  const steps = withParts(async (part, grads, take) => {
    await take(grads);
    if (part === 3 * partsOfStep + 1) throw new Error("no");
  });
  const live = liveTensors();
  const run = eventsOf(
    train({
      ...{ ...on, ...toyOptions, weights, optimizer, loss: steps, update: "parts" },
      checkpoint: { every: 2, save: async ({ step }) => void saved.push(step) },
    }),
  );
  await expect(run).rejects.toMatchObject({
    message:
      "train: failed after step 3 of 12: no. Some of the weights had moved on from that step, and others had not. The last state that was saved is of step 2: give it as resume to go on",
    state: undefined,
  });
  expect(saved).toEqual([2]);
  expect(liveTensors()).toBe(live);
});

test("a part that is not finite skips the step for the loop and the optimiser alike", async () => {
  const weights = chainWeights();
  const optimizer = adamW(weights);
  const loss = withParts(async (part, grads, take) => {
    if (part === partsOfStep + 1)
      for (const g of Object.values(grads)) (g.dataSync() as Float32Array).fill(Number.NaN);
    await take(grads);
  });
  const events = await eventsOf(
    train({ ...on, ...toyOptions, weights, optimizer, loss, update: "parts", steps: 3 }),
  );
  expect(events.map(({ type }) => type)).toEqual(["step", "skipped", "step", "step", "done"]);
  expect(optimizer.state.step).toBe(3);
});

test("part by part needs a chain, one batch a step, and no common bound", () => {
  const weights = toyWeights();
  const { loss } = countedChain();
  const options = { ...on, ...toyOptions, weights, optimizer: adamW(weights) };
  const refused = (more: object): (() => unknown) => {
    return () => train({ ...options, loss, update: "parts", ...more });
  };
  expect(refused({ loss: toyOptions.loss })).toThrow(
    'train: update is "parts", but the loss is one function; give a LossProgram, e.g. chainGradients of @hawksbill/core',
  );
  expect(refused({ accumulate: { batches: 2 } })).toThrow("a step has 2 batches; give one");
  expect(refused({ clip: { norm: 1, by: "all" } })).toThrow("gradients are clipped all together");
});

test("a thousand steps leave no tensor behind", { timeout: 120_000 }, async () => {
  const weights = chainWeights();
  const live: Record<number, number> = {};
  const { loss } = countedChain();
  for await (const event of train({
    ...{ ...on, ...toyOptions, weights, loss, steps: 1000, update: "parts" },
    optimizer: adamW(weights),
  }))
    if (event.type === "step") live[event.step] = liveTensors();
  expect(live[1000]).toBe(live[100]);
});
