import { add, mul, sub, type Tensor, type Weights } from "@hawksbill/core";
import { hostOptimizer } from "./host-optimizer.js";
import type { Optimizer } from "./optimizer.js";
import type { ParameterGroup } from "./parameter-groups.js";

export interface SgdOptions {
  /** Default 1e-2. */
  readonly learningRate?: number;
  /** How much of the velocity each step keeps, 0 to below 1; default 0: none is remembered. */
  readonly momentum?: number;
  /** Whether a step looks ahead to where the velocity leads; default false. */
  readonly nesterov?: boolean;
  /** Times the weight is added to its gradient; default 0. */
  readonly weightDecay?: number;
  /** Each weight in exactly one; default `decayGroups(weights)`. */
  readonly groups?: readonly ParameterGroup[];
}

/**
 * Stochastic gradient descent, with momentum if wanted: 4 bytes of state a weight with it, none without.
 *
 * @param weights float32, on the host. Their values are not kept: only names and shapes.
 * @throws {RangeError} Momentum is not in [0, 1), or there is none for Nesterov's form.
 * @throws {TrainingError} A weight is in no group or in two, or a group names a weight that is not there.
 * @see torch.optim.SGD, which it equals.
 */
export function sgd(weights: Weights, options: SgdOptions = {}): Optimizer {
  const { learningRate = 1e-2, momentum = 0, nesterov = false, weightDecay = 0, groups } = options;
  if (!(momentum >= 0 && momentum < 1))
    throw new RangeError(`sgd: momentum is ${momentum}; give a number from 0 to below 1`);
  if (nesterov && momentum === 0)
    throw new RangeError("sgd: nesterov needs a momentum above 0, e.g. 0.9");
  return hostOptimizer<{ velocity?: Float32Array }>(weights, {
    name: "sgd",
    learningRate,
    weightDecay,
    groups,
    begin: (size) => (momentum === 0 ? {} : { velocity: new Float32Array(size) }),
    update(w, g, { velocity }, { learningRate, weightDecay, gradientScale }) {
      for (let i = 0; i < w.length; i++) {
        const d = gradientScale * (g[i] as number) + weightDecay * (w[i] as number);
        if (!velocity) {
          w[i] = (w[i] as number) - learningRate * d;
          continue;
        }
        const v = momentum * (velocity[i] as number) + d;
        velocity[i] = v;
        w[i] = (w[i] as number) - learningRate * (nesterov ? d + momentum * v : v);
      }
    },
    program: {
      numbers: ({ learningRate, weightDecay }) => [learningRate, weightDecay],
      update(w, gradient, { velocity }, numbers) {
        const [learningRate, weightDecay] = numbers as [Tensor, Tensor];
        const d = add(gradient, mul(w, weightDecay));
        if (!velocity) return { w: sub(w, mul(d, learningRate)), state: {} };
        const v = add(mul(velocity, momentum), d);
        const step = nesterov ? add(d, mul(v, momentum)) : v;
        return { w: sub(w, mul(step, learningRate)), state: { velocity: v } };
      },
    },
  });
}
