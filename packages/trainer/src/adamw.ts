import { disposeTree, mapTree, type Tensor, type Weights, zeros } from "@hawksbill/core";
import { clipFactors, l2Norm } from "./gradient-norm.js";
import { copyWeights, hostFloats } from "./host-weights.js";
import type { Optimizer, OptimizerState, StepOptions, StepReport } from "./optimizer.js";
import { decayGroups, type ParameterGroup } from "./parameter-groups.js";
import { TrainingError } from "./training-error.js";

export interface AdamWOptions {
  /** Default 1e-3. A step can be given another: see the schedules. */
  readonly learningRate?: number;
  /** How much of the running means of gradient and squared gradient each step keeps; default [0.9, 0.96]. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the mean square; default 1e-8. */
  readonly epsilon?: number;
  /** Share of a weight that a step of rate 1 would take away; default 0.01. */
  readonly weightDecay?: number;
  /** Each weight in exactly one; default `decayGroups(weights)`. */
  readonly groups?: readonly ParameterGroup[];
}

/**
 * The optimiser AdamW: steps of the gradient's running mean over the root of its running mean
 * square, with weight decay apart from the gradient.
 *
 * @param weights float32, on the host. Their values are not kept: only names and shapes.
 * @throws {TrainingError} A weight is in no group or in two, or a group names a weight that is not there.
 * @see Loshchilov and Hutter, "Decoupled weight decay regularization", 2019; torch.optim.AdamW, which it equals.
 */
export function adamW(weights: Weights, options: AdamWOptions = {}): Optimizer {
  const { learningRate = 1e-3, betas = [0.9, 0.96], epsilon = 1e-8, weightDecay = 0.01 } = options;
  const groups = options.groups ?? decayGroups(weights);
  requirePartition(weights, groups);
  const [beta1, beta2] = betas;
  const like = (x: Tensor): Tensor => zeros(x.shape);
  const m = mapTree(weights, like);
  const v = mapTree(weights, like);
  let steps = 0;

  /** Every array is looked up before any is changed: a step is made whole or not at all. */
  function arraysOf(group: ParameterGroup, weights: Weights, grads: Weights): Arrays[] {
    return group.names.map((name) => {
      const w = hostFloats("adamW: weight", weights, name);
      const g = hostFloats("adamW: gradient", grads, name);
      if (w.length !== m[name]?.size || g.length !== w.length)
        throw new TrainingError(
          `adamW: "${name}" has ${w.length} elements and ${g.length} gradients; it was made for ${m[name]?.size}`,
        );
      return { w, g, m: hostFloats("adamW: m", m, name), v: hostFloats("adamW: v", v, name) };
    });
  }

  function step(weights: Weights, grads: Weights, options: StepOptions = {}): StepReport {
    const { gradientScale = 1 } = options;
    const rate = options.learningRate ?? learningRate;
    const arrays = groups.map((group) => arraysOf(group, weights, grads));
    const gradNorms = arrays.map((group) => gradientScale * l2Norm(group.map(({ g }) => g)));
    if (!gradNorms.every(Number.isFinite)) return { gradNorms, skipped: true };
    const clips = clipFactors(gradNorms, options.clip);
    steps++;
    groups.forEach((group, i) => {
      const groupRate = rate * (group.learningRateScale ?? 1);
      const coefficients: Coefficients = {
        gradientScale: gradientScale * (clips[i] as number),
        beta1,
        beta2,
        epsilon,
        keep: 1 - groupRate * (group.weightDecay ?? weightDecay),
        // The means began at 0, so the first ones are too small by these known factors.
        stepSize: groupRate / (1 - beta1 ** steps),
        rootScale: 1 / Math.sqrt(1 - beta2 ** steps),
      };
      for (const weight of arrays[i] ?? []) update(weight, coefficients);
    });
    return { gradNorms, skipped: false };
  }

  return {
    learningRate,
    get state(): OptimizerState {
      return { step: steps, moments: { m, v } };
    },
    step,
    load(state) {
      copyWeights("adamW.load: m", state.moments.m ?? {}, m);
      copyWeights("adamW.load: v", state.moments.v ?? {}, v);
      steps = state.step;
    },
    dispose: () => disposeTree([m, v]),
  };
}

/** One weight's elements: the weight, its gradient, and the gradient's mean and mean square. */
interface Arrays {
  readonly w: Float32Array;
  readonly g: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

interface Coefficients {
  readonly gradientScale: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly keep: number;
  readonly stepSize: number;
  readonly rootScale: number;
}

/** One weight's step, in place over w, m and v. */
function update({ w, g, m, v }: Arrays, coefficients: Coefficients): void {
  const { gradientScale, beta1, beta2, epsilon, keep, stepSize, rootScale } = coefficients;
  for (let i = 0; i < w.length; i++) {
    const d = gradientScale * (g[i] as number);
    const mean = beta1 * (m[i] as number) + (1 - beta1) * d;
    const square = beta2 * (v[i] as number) + (1 - beta2) * d * d;
    m[i] = mean;
    v[i] = square;
    w[i] = keep * (w[i] as number) - (stepSize * mean) / (rootScale * Math.sqrt(square) + epsilon);
  }
}

function requirePartition(weights: Weights, groups: readonly ParameterGroup[]): void {
  const grouped = groups.flatMap((group) => group.names);
  const seen = new Set<string>();
  for (const name of grouped) {
    if (!(name in weights))
      throw new TrainingError(`adamW: a group names "${name}", which is not among the weights`);
    if (seen.has(name))
      throw new TrainingError(`adamW: "${name}" is in two groups; name it in one`);
    seen.add(name);
  }
  const missing = Object.keys(weights).filter((name) => !seen.has(name));
  if (missing.length > 0)
    throw new TrainingError(
      `adamW: ${missing.map((name) => `"${name}"`).join(", ")} is in no group; add it to one, or leave it out of the weights to freeze it`,
    );
}
