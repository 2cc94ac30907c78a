import { add, greater, less, mul, sub, type Tensor, type Weights, where } from "@hawksbill/core";
import { hostOptimizer } from "./host-optimizer.js";
import type { Optimizer } from "./optimizer.js";
import type { ParameterGroup } from "./parameter-groups.js";
import { requireBetas } from "./require-betas.js";

export interface LionOptions {
  /** Default 1e-4: every element moves by all of it, so a third to a tenth of AdamW's is right. */
  readonly learningRate?: number;
  /** How much of the running mean counts in a step's direction, and how much of it each step keeps; default [0.9, 0.99]. */
  readonly betas?: readonly [number, number];
  /** Share of a weight that a step of rate 1 would take away; default 0.01. */
  readonly weightDecay?: number;
  /** Each weight in exactly one; default `decayGroups(weights)`. */
  readonly groups?: readonly ParameterGroup[];
}

/**
 * The optimiser Lion: steps of one size in the direction of the gradient's running mean. Its state
 * takes 4 bytes a weight, half of AdamW's.
 *
 * @param weights float32, on the host. Their values are not kept: only names and shapes.
 * @throws {RangeError} A beta is not in [0, 1).
 * @throws {TrainingError} A weight is in no group or in two, or a group names a weight that is not there.
 * @see Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023.
 */
export function lion(weights: Weights, options: LionOptions = {}): Optimizer {
  const { learningRate = 1e-4, weightDecay = 0.01, groups, betas = [0.9, 0.99] } = options;
  requireBetas("lion", betas);
  const [beta1, beta2] = betas;
  return hostOptimizer(weights, {
    name: "lion",
    learningRate,
    weightDecay,
    groups,
    begin: (size) => ({ m: new Float32Array(size) }),
    update(w, g, { m }, { learningRate, weightDecay, gradientScale }) {
      const keep = 1 - learningRate * weightDecay;
      for (let i = 0; i < w.length; i++) {
        const d = gradientScale * (g[i] as number);
        const mean = m[i] as number;
        const direction = beta1 * mean + (1 - beta1) * d;
        // Math.sign branches, and which way cannot be guessed: this is three times as fast.
        const sign = Number(direction > 0) - Number(direction < 0);
        w[i] = keep * (w[i] as number) - learningRate * sign;
        m[i] = beta2 * mean + (1 - beta2) * d;
      }
    },
    program: {
      numbers: ({ learningRate, weightDecay }) => [1 - learningRate * weightDecay, learningRate],
      update(w, d, { m }, numbers) {
        const [keep, learningRate] = numbers as [Tensor, Tensor];
        const mean = m as Tensor;
        const direction = add(mul(mean, beta1), mul(d, 1 - beta1));
        const sign = sub(where(greater(direction, 0), 1, 0), where(less(direction, 0), 1, 0));
        return {
          w: sub(mul(w, keep), mul(sign, learningRate)),
          state: { m: add(mul(mean, beta2), mul(d, 1 - beta2)) },
        };
      },
    },
  });
}
