import {
  compile,
  type Device,
  disposeTree,
  type Tensor,
  tensor,
  valueAndGrad,
  type Weights,
} from "@hawksbill/core";
import { adamW } from "@hawksbill/trainer";
import { type Batch, trainingLosses } from "@hawksbill/unified-voice";
import type { Numbers, Problem, Step } from "./problem.js";

/** A training step as `train` takes it: gradients on the device, Adam where the weights are. */
export function openStep({ weights, inputs, config, adam }: Problem, device: Device): Step {
  const tensors = (all: Readonly<Record<string, Numbers>>): Record<string, Tensor> =>
    Object.fromEntries(
      Object.entries(all).map(([name, { data, shape }]) => [name, tensor(data, { shape })]),
    );
  const w = tensors(weights);
  const batch = { recipe: "hawksbill", ...tensors(inputs) } as unknown as Batch;
  const { textWeight } = config;
  const gradients = compile(
    (w: Weights, batch: Batch) =>
      valueAndGrad((w: Weights) => trainingLosses(w, batch, config, { textWeight }).loss)(w),
    { device },
  );
  const { learningRate, beta1, beta2, epsilon } = adam;
  const optimizer = adamW(w, { learningRate, betas: [beta1, beta2], epsilon, weightDecay: 0 });
  return async () => {
    const { value, grads } = await gradients(w, batch);
    optimizer.step(w, grads);
    const loss = await value.item();
    disposeTree([value, grads]);
    return loss;
  };
}
