import {
  compile,
  crossEntropy,
  embedding,
  layerNorm,
  linear,
  mul,
  subtree,
  type Tensor,
  tanh,
  tensor,
  valueAndGrad,
  type Weights,
} from "@hawksbill/core";
import { adamW, multiStepLR } from "@hawksbill/trainer";
import { compareTensors, numbersOf } from "./compare.js";
import { type Check, type Fixture, prefixed, tensorOf } from "./fixture.js";

/** Optimiser steps of a small classifier: losses, learning rates, gradient norms and the weights at the end. */
export const checkAdamW: Check = async (fixture, device) => {
  const settings = settingsOf(fixture);
  const { learningRate, betas, epsilon } = settings;
  const weights = copyOf(subtree(fixture.tensors, "init"));
  const [decay, rest] = [true, false].map((decays) =>
    Object.keys(weights).filter((name) => settings.decay.includes(name) === decays),
  ) as [string[], string[]];
  const optimizer = adamW(weights, {
    betas,
    epsilon,
    groups: [
      { names: decay, weightDecay: settings.weightDecay },
      { names: rest, weightDecay: 0 },
    ],
  });
  const schedule = multiStepLR(learningRate, settings);
  const train = compile(
    (w: Weights, ids: Tensor, targets: Tensor) =>
      valueAndGrad((p: Weights) => lossOf(p, ids, targets, settings.lossScale))(w),
    { device },
  );
  const ids = stepsOf(tensorOf(fixture, "inputs.ids"));
  const targets = stepsOf(tensorOf(fixture, "inputs.targets"));
  const [losses, rates, norms]: number[][] = [[], [], []];
  for (const [step, batch] of ids.entries()) {
    const { value, grads } = await train(weights, batch, targets[step] as Tensor);
    const rate = schedule(step);
    const clip = { norm: settings.clip };
    const { gradNorms } = optimizer.step(weights, grads, { learningRate: rate, clip });
    losses?.push(await value.item());
    rates?.push(rate);
    norms?.push(...gradNorms);
  }
  await train.release();
  return compareTensors(fixture.tensors, {
    "outputs.losses": tensor(Float32Array.from(losses ?? [])),
    "outputs.lr": tensor(Float32Array.from(rates ?? [])),
    "outputs.grad_norms": tensor(Float32Array.from(norms ?? []), { shape: [ids.length, 2] }),
    ...prefixed("final", weights),
  });
};

/** What the metadata's `what` says in words, e.g. "… clip 0.5; AdamW lr 1e-2 betas .9/.96 eps 1e-8; …". */
function settingsOf({ metadata }: Fixture) {
  const what = String(metadata.what);
  const number = String.raw`(\d*\.?\d+(?:e-?\d+)?)`;
  const find = (pattern: string): RegExpMatchArray => {
    const match = what.match(new RegExp(pattern.replaceAll("#", number)));
    if (!match) throw new Error(`its metadata "what" says nothing like "${pattern}"`);
    return match;
  };
  const [, beta1, beta2] = find("betas #/#");
  const list = (match: RegExpMatchArray): string[] => (match[1] ?? "").split(/\s*,\s*/);
  return {
    lossScale: Number(find("loss=#\\*CE")[1]),
    decay: list(find("decay=\\[([^\\]]*)\\]")),
    weightDecay: Number(find("wd #")[1]),
    clip: Number(find("clip #")[1]),
    learningRate: Number(find("lr #")[1]),
    betas: [Number(beta1), Number(beta2)] as const,
    epsilon: Number(find("eps #")[1]),
    milestones: list(find("MultiStepLR \\[([^\\]]*)\\]")).map(Number),
    gamma: Number(find("gamma #")[1]),
  };
}

/** Embedding, norm, a layer with tanh, head; then the scaled mean cross entropy. */
function lossOf(weights: Weights, ids: Tensor, targets: Tensor, scale: number): Tensor {
  const w = (name: string): Tensor => {
    const weight = weights[name];
    if (!weight) throw new Error(`"init.${name}" is missing`);
    return weight;
  };
  const x = layerNorm(embedding(w("emb.weight"), ids), w("ln.weight"), w("ln.bias"));
  const hidden = tanh(linear(x, w("fc.weight"), w("fc.bias")));
  return mul(crossEntropy(linear(hidden, w("head.weight"), w("head.bias")), targets), scale);
}

/** One int32 tensor a step. */
function stepsOf(all: Tensor): Tensor[] {
  const [steps = 0, ...shape] = all.shape;
  const numbers = Int32Array.from(numbersOf(all));
  const size = numbers.length / steps;
  return Array.from({ length: steps }, (_, i) =>
    tensor(numbers.slice(i * size, (i + 1) * size), { shape }),
  );
}

/** The optimiser writes into its weights. */
function copyOf(weights: Weights): Weights {
  const copies = Object.entries(weights).map(([name, x]) => [
    name,
    tensor(Float32Array.from(numbersOf(x)), { shape: x.shape }),
  ]);
  return Object.fromEntries(copies);
}
