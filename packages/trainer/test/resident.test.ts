import {
  add,
  type ChainGradients,
  chainGradients,
  type Device,
  DeviceError,
  type DeviceName,
  liveTensors,
  matmul,
  mul,
  ones,
  openDevice,
  Random,
  sum,
  type Tensor,
  tanh,
  tensor,
  type Weights,
} from "@hawksbill/core";
import { afterAll, describe, expect, inject, test } from "vitest";
import { losable, sideTooLarge } from "../../../tools/device-failures.js";
import { type ToyBatch, toyBatch, toyOptions, toyWeights } from "../fixtures/toy-model.js";
import {
  adamW,
  applied,
  type Clip,
  initialiseAdapter,
  type Losses,
  lion,
  movingAverage,
  type Optimizer,
  sgd,
  TrainingError,
  type TrainingState,
  type TrainOptions,
  train,
} from "../src/index.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Where these tests run; see tools/test-devices.mjs. */
    device?: DeviceName;
    /** Whether the device is known to lack the memory of `sideTooLarge`; else a GPU might have it. */
    isSmall?: boolean;
  }
}

const name = inject("device") ?? "cpu";
const opened = await openDevice(name, name === "cpu" ? { threads: 1 } : {});
afterAll(() => opened.close());
/** What keeps no results is made to go through the same programs. */
const device: Device = { ...opened, keepsResults: true };
/** The same, with training as it is on the host. */
const host: Device = { ...opened, keepsResults: false };

const values = (weights: Weights): number[] =>
  Object.values(weights).flatMap((x) => Array.from(x.dataSync() as Float32Array));

type Options = Partial<TrainOptions<ToyBatch>>;

/** Weights after some steps from the same start. */
async function trained(
  on: Device,
  make: (weights: Weights) => Optimizer,
  options: Options = {},
): Promise<{ weights: number[]; moments: number[]; average: number[]; norms: number[] }> {
  const weights = toyWeights();
  const optimizer = make(weights);
  const average = movingAverage(weights, { decay: 0.5 });
  const norms: number[] = [];
  for await (const event of train({
    ...toyOptions,
    ...{ weights, optimizer, average, device: on, steps: 4 },
    ...options,
  }))
    if (event.type === "step") norms.push(event.gradNorm);
  return {
    weights: values(weights),
    moments: Object.values(optimizer.state.moments).flatMap(values),
    average: values(average.weights),
    norms,
  };
}

/** Single precision through four steps of a division each. */
const tolerance = 2e-5;

function expectClose(got: readonly number[], wanted: readonly number[]): void {
  expect(got.length).toBe(wanted.length);
  const errors = got.map((x, i) => {
    const y = wanted[i] as number;
    return Math.abs(x - y) / Math.max(1, Math.abs(y));
  });
  expect(Math.max(0, ...errors)).toBeLessThan(tolerance);
}

describe.each<[string, (weights: Weights) => Optimizer]>([
  ["adamW", (weights) => adamW(weights, { learningRate: 0.01, weightDecay: 0.1 })],
  ["lion", (weights) => lion(weights, { learningRate: 0.01 })],
  ["sgd", (weights) => sgd(weights, { learningRate: 0.01, weightDecay: 0.1 })],
  ["nesterov", (weights) => sgd(weights, { learningRate: 0.01, momentum: 0.9, nesterov: true })],
])("%s on the device", (_, make) => {
  test("gives the weights, state and average that the host gives", async () => {
    const there = await trained(device, make);
    const here = await trained(host, make);
    expectClose(there.weights, here.weights);
    expectClose(there.moments, here.moments);
    expectClose(there.average, here.average);
    expectClose(there.norms, here.norms);
  });
});

const adam = (weights: Weights): Optimizer => adamW(weights, { learningRate: 0.01 });

describe.each<[string, Options]>([
  ["several batches a step", { accumulate: { batches: 3 }, steps: 2 }],
  ...(
    [
      { norm: 0.1 },
      { norm: 0.1, by: "all" },
      { norm: 0.1, by: "weight" },
      { value: 0.01 },
    ] as const satisfies Clip[]
  ).map((clip): [string, Options] => [`clipped by ${JSON.stringify(clip)}`, { clip }]),
])("%s", (_, options) => {
  test("gives what the host gives", async () => {
    const there = await trained(device, adam, options);
    expectClose(there.weights, (await trained(host, adam, options)).weights);
  });
});

test("an adapter is trained beside frozen weights", async () => {
  const frozen = toyWeights();
  async function run(on: Device): Promise<number[]> {
    const adapter = initialiseAdapter(frozen, { rank: 2, random: new Random(3) });
    const { weights } = adapter;
    const loss = (own: Weights, batch: ToyBatch): ReturnType<typeof toyOptions.loss> =>
      toyOptions.loss(applied(frozen, { ...adapter, weights: own }), batch);
    const optimizer = adam(weights);
    for await (const _ of train({ ...toyOptions, loss, weights, optimizer, device: on, steps: 3 }));
    return values(weights);
  }
  expectClose(await run(device), await run(host));
});

/** The toy model behind two blocks, each part a program of its own. */
function toyChain(): ChainGradients<ToyBatch, Losses> {
  return chainGradients(
    {
      first: (_, { x }) => x,
      blocks: ["block.0", "block.1"],
      block: (weights, x) => tanh(matmul(x, weights.weight as Tensor)),
      last: (weights, x, batch) => toyOptions.loss(weights, { ...batch, x }),
      isFirst: () => false,
    },
    { device },
  );
}

function toyChainWeights(): Weights {
  const block = (i: number): Tensor => new Random(i).normal([3, 3]);
  return { "block.0.weight": block(5), "block.1.weight": block(6), ...toyWeights() };
}

test("a chain's steps are those that the host makes", async () => {
  const chain = toyChain();
  const run = async (on: Device, more: Options): Promise<number[]> => {
    const weights = toyChainWeights();
    const optimizer = adam(weights);
    const options = { ...toyOptions, ...more, weights, optimizer, loss: chain };
    for await (const _ of train({ ...options, device: on, steps: 3 }));
    return values(weights);
  };
  for (const more of [{}, { accumulate: { batches: 2 } }, { update: "parts" }] as const)
    expectClose(await run(device, more), await run(host, more));
  await chain.release();
});

test.skipIf(!opened.keepsResults).each([
  ["one program", () => ({ loss: toyOptions.loss, weights: toyWeights() })],
  ["a chain", () => ({ loss: toyChain(), weights: toyChainWeights() })],
])("from step to step only the batch and numbers cross, with %s (needs a GPU)", async (_, make) => {
  const { loss, weights } = make();
  const count = Object.keys(weights).length;
  const batch = toyBatch(new Random(1));
  // A chain's first and last part are given it.
  const batchBytes =
    (typeof loss === "function" ? 1 : 2) *
    Object.values(batch).reduce((sum, x) => sum + 4 * x.size, 0);
  const before: { up: number; down: number }[] = [];
  for await (const event of train({
    ...toyOptions,
    batches: () => [batch],
    ...{ loss, weights, optimizer: adam(weights), device, steps: 5, clip: { norm: 1 } },
    average: movingAverage(weights),
  }))
    if (event.type === "step") {
      before.push({ ...device.traffic });
      expect(Object.values(weights).every(({ place }) => place === "device")).toBe(true);
    }
  const [third, fifth] = [before[2], before[4]] as [
    (typeof before)[number],
    (typeof before)[number],
  ];
  // A step's numbers: at most 3 a group, and a factor a weight; down come a length a weight, and the losses.
  expect((fifth.up - third.up) / 2).toBeLessThanOrEqual(batchBytes + 4 * (count + 2 * 3));
  expect((fifth.down - third.down) / 2).toBeLessThanOrEqual(4 * (count + 8));
  expect(Object.values(weights).every(({ place }) => place === "host")).toBe(true);
  for (const x of Object.values(batch)) x.dispose();
  if (typeof loss !== "function") await loss.release();
});

test("weights are on the host at every event but a step's, and nothing is left behind", async () => {
  const live = liveTensors();
  const weights = toyWeights();
  const optimizer = adam(weights);
  const saved: string[] = [];
  const held = toyBatch(new Random(2));
  for await (const event of train({
    ...toyOptions,
    ...{ weights, optimizer, device, steps: 4 },
    evaluate: { every: 2, batches: () => [held] },
    best: {},
    checkpoint: {
      every: 3,
      save: async ({ weights, optimizer }) => {
        saved.push(
          `${values(weights).length} ${Object.values(optimizer.moments).flatMap(values).length}`,
        );
      },
    },
  }))
    if (event.type !== "step") expect(values(weights).every(Number.isFinite)).toBe(true);
  expect(saved.length).toBe(2);
  for (const x of [...Object.values(weights), ...Object.values(held)]) x.dispose();
  optimizer.dispose();
  expect(liveTensors()).toBe(live);
});

test("a resumed run goes on as if it had not stopped", async () => {
  const whole = await trained(device, adam, { steps: 4 });
  let state: TrainingState | undefined;
  await trained(device, adam, {
    steps: 2,
    checkpoint: {
      save: async (reached) => {
        state = copyOf(reached);
      },
    },
  });
  const rest = await trained(device, adam, { steps: 4, resume: state as TrainingState });
  expectClose(rest.weights, whole.weights);
});

test("a lost device is told with the step to go on from, and training resumes with one opened anew", async () => {
  const { opened: fragile, lose } = await fragileDevice();
  let state: TrainingState | undefined;
  const weights = toyWeights();
  const run = async (): Promise<void> => {
    for await (const event of train({
      ...toyOptions,
      ...{ weights, optimizer: adam(weights), device: fragile, steps: 4 },
      average: movingAverage(weights, { decay: 0.5 }),
      checkpoint: {
        every: 2,
        save: async (reached) => {
          state = copyOf(reached);
        },
      },
    }))
      if (event.type === "step" && event.step === 3) lose();
  };
  const ended = await run().catch((error: unknown) => error);
  expect(ended).toBeInstanceOf(TrainingError);
  expect((ended as TrainingError).message).toMatch(
    /^train: failed after step 3 of 4: webgpu: the device was lost.*\. The weights of that step were on the device only\. The last state that was saved is of step 2: give it as resume to go on, with a device opened anew$/,
  );
  expect(state?.step).toBe(2);
  expectClose(values(weights), values((state as TrainingState).weights));
  await fragile.close();
  const anew = await openDevice(name, name === "cpu" ? { threads: 1 } : {});
  const rest = await trained({ ...anew, keepsResults: true }, adam, {
    steps: 4,
    resume: state as TrainingState,
  });
  expectClose(rest.weights, (await trained(host, adam, { steps: 4 })).weights);
  await anew.close();
});

test("a step that fails as some weights have moved saves nothing, and names what was saved", async () => {
  let moves = 0;
  const failing: Device = {
    ...device,
    async load(graph, options) {
      const session = await device.load(graph, options);
      if (options?.name !== "adamW, step") return session;
      return {
        ...session,
        run: (inputs) => {
          if (++moves === 6) throw new Error("no"); // The second group's in step 3.
          return session.run(inputs);
        },
      };
    },
  };
  const saved: number[] = [];
  const groups = Object.keys(toyWeights()).map((name) => ({ names: [name] }));
  const run = trained(failing, (weights) => adamW(weights, { groups }), {
    checkpoint: { every: 1, save: async ({ step }) => void saved.push(step) },
  });
  await expect(run).rejects.toMatchObject({
    message:
      "train: failed after step 2 of 4: no. Some of the weights had moved on from that step, and others had not. The last state that was saved is of step 2: give it as resume to go on",
    state: undefined,
  });
  expect(saved).toEqual([1, 2]);
});

describe("weights that the device does not give back", () => {
  /** Fails to copy to the host. */
  const keeping: Device = {
    ...device,
    load: (graph, options) =>
      options?.name === "download" ? Promise.reject(new Error("no")) : device.load(graph, options),
  };
  const isLost = {
    name: "TrainingError",
    message:
      "train: failed after step 1 of 4: no. The weights of that step were on the device only. Nothing was saved: start anew",
    state: undefined,
  };

  test("are not saved as those of a step that they have not made", async () => {
    const saved: number[] = [];
    const checkpoint: Options["checkpoint"] = {
      every: 1,
      save: async ({ step }) => void saved.push(step),
    };
    await expect(trained(keeping, adam, { checkpoint })).rejects.toMatchObject(isLost);
    expect(saved).toEqual([]);
  });

  test("are told as lost to whoever leaves the loop", async () => {
    const weights = toyWeights();
    const leaving = async (): Promise<void> => {
      for await (const _ of train({
        ...toyOptions,
        ...{ weights, optimizer: adam(weights), device: keeping, steps: 4 },
      }))
        break;
    };
    await expect(leaving()).rejects.toMatchObject(isLost);
    expect(values(weights)).toEqual(values(toyWeights()));
  });
});

test.runIf(inject("isSmall") ?? true)(
  "a full memory fails the step with what was reached saved, and training goes on with smaller batches",
  async () => {
    /** A third batch of five rows, whose loss needs more memory than there is. */
    function* batches(_epoch: number, random: Random): Generator<ToyBatch> {
      for (let i = 0; i < 5; i++) yield toyBatch(random, i === 2 ? 5 : 4);
    }
    const side = sideTooLarge(name);
    const loss: TrainOptions<ToyBatch>["loss"] = (weights, batch) => {
      const losses = toyOptions.loss(weights, batch);
      if (batch.x.shape[0] !== 5) return losses;
      const column = mul(ones([side, 1]), sum(weights["out.weight"] as Tensor)); // [side, 1]
      return { ...losses, loss: add(losses.loss, sum(mul(column, ones([1, side])))) };
    };
    let state: TrainingState | undefined;
    const checkpoint: Options["checkpoint"] = {
      save: async (reached) => {
        state = copyOf(reached);
      },
    };
    const ended = await trained(device, adam, { loss, batches, checkpoint }).catch(
      (e: unknown) => e,
    );
    expect(ended).toBeInstanceOf(TrainingError);
    expect((ended as TrainingError).cause).toMatchObject({ name: "DeviceError", reason: "memory" });
    expect((ended as TrainingError).message).toMatch(
      /^train: failed after step 2 of 4: .*its memory is full.*The state is saved: give it as resume to go on$/s,
    );
    expect(state?.step).toBe(2);
    const rest = await trained(device, adam, { resume: state as TrainingState });
    expectClose(rest.weights, (await trained(host, adam)).weights);
  },
);

/**
 * A device to be lost in the midst of its next run: really, where the page has WebGPU; elsewhere, whose GPU or CPU
 * stays, one that says so.
 */
async function fragileDevice(): Promise<{ readonly opened: Device; lose(): void }> {
  const isReal = name === "webgpu" && "document" in globalThis;
  const { opened, lose } = isReal
    ? await losable(() => openDevice(name))
    : { opened: await openDevice(name, { threads: 1 }), lose: () => undefined };
  let isDoomed = false;
  return {
    opened: {
      ...opened,
      keepsResults: true,
      async load(...args) {
        const session = await opened.load(...args);
        return {
          ...session,
          run(inputs) {
            if (isDoomed && !isReal)
              throw new DeviceError("webgpu: the device was lost", { reason: "lost" });
            const ran = session.run(inputs);
            if (isDoomed) setTimeout(lose);
            return ran;
          },
        };
      },
    },
    lose() {
      isDoomed = true;
    },
  };
}

/** A state with copies of its tensors. */
function copyOf(state: TrainingState): TrainingState {
  const copy = (weights: Weights): Weights =>
    Object.fromEntries(
      Object.entries(weights).map(([name, x]) => [
        name,
        tensor((x.dataSync() as Float32Array).slice(), { shape: x.shape }),
      ]),
    );
  const { moments, step } = state.optimizer;
  return {
    ...state,
    weights: copy(state.weights),
    ...(state.average ? { average: copy(state.average) } : {}),
    optimizer: {
      step,
      moments: Object.fromEntries(Object.entries(moments).map(([k, all]) => [k, copy(all)])),
    },
  };
}
