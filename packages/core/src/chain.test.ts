import { afterAll, expect, test } from "vitest";
import { type Chain, chainGradients } from "./chain.js";
import { compile } from "./compile.js";
import { tensor } from "./create-tensor.js";
import type { Device } from "./device.js";
import { valueAndGradWithAux } from "./grad.js";
import { openDevice } from "./open-device.js";
import { add, mul, square, sub, tanh } from "./ops/arithmetic.js";
import { embedding } from "./ops/indexing.js";
import { linear } from "./ops/products.js";
import { mean, sum } from "./ops/reductions.js";
import { Random } from "./random.js";
import { liveTensors } from "./scope.js";
import type { Tensor } from "./tensor.js";
import { disposeTree, subtree, type Weights } from "./tree.js";

const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());

interface Batch {
  readonly ids: Tensor;
  readonly target: Tensor;
}

const chain: Chain<Batch, { loss: Tensor; size: Tensor }> = {
  first: (w, { ids }) => embedding(w["table.weight"] as Tensor, ids),
  blocks: ["h.0", "h.1", "h.2"],
  block: (w, x) => add(x, tanh(linear(x, w["fc.weight"] as Tensor, w["fc.bias"] as Tensor))),
  last: (w, x, { target }) => ({
    loss: mean(square(sub(linear(x, w["head.weight"] as Tensor), target))),
    size: sum(mul(x, x)),
  }),
  isFirst: (name) => name.startsWith("table."),
};
const random = new Random(0);
const width = 128; // From which on products are kept for the backward pass.
const small = (shape: readonly number[]): Tensor => {
  const x = random.normal(shape);
  return tensor(
    (x.dataSync() as Float32Array).map((n) => 0.1 * n),
    { shape },
  );
};
const weights: Weights = {
  "table.weight": random.normal([7, width]),
  ...Object.fromEntries(
    chain.blocks.flatMap((name) => [
      [`${name}.fc.weight`, small([width, width])],
      [`${name}.fc.bias`, random.normal([width])],
    ]),
  ),
  "head.weight": small([2, width]),
};
const batch: Batch = { ids: tensor(Int32Array.of(1, 5, 1)), target: random.normal([3, 2]) };

/** The same in one program. */
function whole(w: Weights, b: Batch): { loss: Tensor; size: Tensor } {
  let x = chain.first(w, b);
  for (const name of chain.blocks) x = chain.block(subtree(w, name), x);
  return chain.last(w, x, b);
}
const inOne = compile(
  (w: Weights, b: Batch) =>
    valueAndGradWithAux((p: Weights) => {
      const { loss, size } = whole(p, b);
      return { loss, aux: { size } };
    })(w),
  { device },
);

function expectClose(ours: Tensor, theirs: Tensor): void {
  expect(ours.shape).toEqual(theirs.shape);
  const [a, b] = [ours, theirs].map((x) => x.dataSync() as Float32Array) as [
    Float32Array,
    Float32Array,
  ];
  const differences = a.map((x, i) => {
    const wanted = b[i] as number;
    return Math.abs(x - wanted) / Math.max(1, Math.abs(wanted));
  });
  expect(Math.max(...differences)).toBeLessThan(1e-5);
}

test.each([
  ["all parts", undefined],
  ["the first block", 1],
  ["no part", 0],
])(
  "with inner values of %s kept, losses and gradients are those of one program, and nothing is left over",
  async (_, keptBytes) => {
    const { value, aux, grads } = await inOne(weights, batch);
    const before = liveTensors();
    const parts = chainGradients(chain, {
      device,
      ...(keptBytes === undefined ? {} : { keptBytes }),
    });
    const result = await parts.run(weights, batch);
    expectClose(result.losses.loss, value);
    expectClose(result.losses.size, aux.size);
    expect(Object.keys(result.grads).sort()).toEqual(Object.keys(weights).sort());
    for (const [name, g] of Object.entries(result.grads)) expectClose(g, grads[name] as Tensor);
    const measured = await parts.measure(weights, batch);
    expectClose(measured.loss, value);
    disposeTree([result, measured]);
    expect(liveTensors()).toBe(before);
    await parts.release();
  },
);

test("no more inner values are kept than there is room for, once their size is known", async () => {
  let kept = 0;
  const counting: Device = {
    ...device,
    async load(graph, options) {
      const session = await device.load(graph, options);
      const counts = options?.name === "block, with residuals";
      return {
        ...session,
        run: (inputs) => {
          if (counts) kept++;
          return session.run(inputs);
        },
      };
    },
  };
  const bytes = 4 * 3 * width; // Of a block: one product, [3, width].
  const keptIn = async (keptBytes: number): Promise<number[]> => {
    const parts = chainGradients(chain, { device: counting, keptBytes });
    const counts: number[] = [];
    for (let i = 0; i < 2; i++) {
      kept = 0;
      disposeTree(await parts.run(weights, batch));
      counts.push(kept);
    }
    await parts.release();
    return counts;
  };
  expect(await keptIn(2 * bytes)).toEqual([2, 2]);
  expect(await keptIn(2 * bytes - 1)).toEqual([1, 1]);
  expect(await keptIn(1)).toEqual([1, 0]);
});

test("a part that fails, forwards or backwards, leaves nothing behind", async () => {
  const fail = (): never => {
    throw new Error("no room");
  };
  let blocks = 0;
  const failing: readonly Chain<Batch, { loss: Tensor; size: Tensor }>[] = [
    { ...chain, block: fail },
    { ...chain, last: fail },
    // The first program of a block goes forwards, the second one back.
    { ...chain, block: (w, x) => (blocks++ === 0 ? chain.block(w, x) : fail()) },
  ];
  for (const one of failing) {
    const before = liveTensors();
    const parts = chainGradients(one, { device });
    await expect(parts.run(weights, batch)).rejects.toThrow("no room");
    expect(liveTensors()).toBe(before);
    await parts.release();
  }
});

test("gradients can be taken part by part, from the last to the first", async () => {
  const { grads } = await inOne(weights, batch);
  const order: string[][] = [];
  const parts = chainGradients(chain, { device });
  const result = await parts.run(weights, batch, (some, losses) => {
    order.push(Object.keys(some));
    expect(losses.loss.place).toBe("host");
    for (const [name, g] of Object.entries(some)) expectClose(g, grads[name] as Tensor);
    disposeTree(some);
  });
  expect(result.grads).toEqual({});
  expect(order).toEqual([
    ["head.weight"],
    ["h.2.fc.weight", "h.2.fc.bias"],
    ["h.1.fc.weight", "h.1.fc.bias"],
    ["h.0.fc.weight", "h.0.fc.bias"],
    ["table.weight"],
  ]);
  await parts.release();
});

test.each(["constants", "inputs"] as const)(
  "frozen weights that are %s get no gradient, and the others the same",
  async (frozenAs) => {
    const { grads } = await inOne(weights, batch);
    const trained = (name: string): boolean => name.endsWith("bias");
    const pick = (wanted: boolean): Weights =>
      Object.fromEntries(Object.entries(weights).filter(([name]) => trained(name) === wanted));
    const parts = chainGradients(chain, { device, frozen: pick(false), frozenAs });
    const result = await parts.run(pick(true), batch);
    expect(Object.keys(result.grads).sort()).toEqual(Object.keys(weights).filter(trained).sort());
    for (const [name, g] of Object.entries(result.grads)) expectClose(g, grads[name] as Tensor);
    await parts.release();
  },
);
