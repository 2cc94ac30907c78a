import { add, div, mul, sqrt, square, sub, type Tensor, type Weights } from "@hawksbill/core";
import { adamCoefficients, adamDefaults } from "./adam-coefficients.js";
import { type HostStep, hostStep } from "./adamw-host-step.js";
import { hostOptimizer } from "./host-optimizer.js";
import type { Optimizer } from "./optimizer.js";
import type { ParameterGroup } from "./parameter-groups.js";
import { requireBetas } from "./require-betas.js";

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
 * square, with weight decay apart from the gradient. Its state takes 8 bytes a weight.
 *
 * @param weights float32, on the host. Their values are not kept: only names and shapes.
 * @throws {RangeError} A beta is not in [0, 1).
 * @throws {TrainingError} A weight is in no group or in two, or a group names a weight that is not there.
 * @see Loshchilov and Hutter, "Decoupled weight decay regularization", 2019; torch.optim.AdamW, which it equals.
 */
export function adamW(weights: Weights, options: AdamWOptions = {}): Optimizer {
  const { learningRate = 1e-3, weightDecay = 0.01, groups } = options;
  const { betas = adamDefaults.betas, epsilon = adamDefaults.epsilon } = options;
  requireBetas("adamW", betas);
  let move: HostStep | undefined;
  return hostOptimizer(weights, {
    name: "adamW",
    learningRate,
    weightDecay,
    groups,
    begin: (size) => ({ m: new Float32Array(size), v: new Float32Array(size) }),
    update(w, g, state, settings) {
      move ??= hostStep();
      move(w, g, state, adamCoefficients({ betas, epsilon }, settings));
    },
    program: {
      numbers(settings) {
        const unscaled = { ...settings, gradientScale: 1 };
        const { decay, stepSize, rootScale } = adamCoefficients({ betas, epsilon }, unscaled);
        return [decay, stepSize, rootScale];
      },
      update(w, d, { m, v }, numbers) {
        const [decay, stepSize, rootScale] = numbers as [Tensor, Tensor, Tensor];
        const [beta1, beta2] = betas;
        const mean = add(mul(m as Tensor, beta1), mul(d, 1 - beta1));
        const squares = add(mul(v as Tensor, beta2), mul(square(d), 1 - beta2));
        const step = div(mul(mean, stepSize), add(mul(sqrt(squares), rootScale), epsilon));
        return { w: sub(w, add(mul(w, decay), step)), state: { m: mean, v: squares } };
      },
    },
  });
}
