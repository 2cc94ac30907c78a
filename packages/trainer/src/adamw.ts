import { add, div, mul, sqrt, square, sub, type Tensor, type Weights } from "@hawksbill/core";
import { hostOptimizer, type StepSettings } from "./host-optimizer.js";
import type { Optimizer } from "./optimizer.js";
import type { ParameterGroup } from "./parameter-groups.js";

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
 * @throws {TrainingError} A weight is in no group or in two, or a group names a weight that is not there.
 * @see Loshchilov and Hutter, "Decoupled weight decay regularization", 2019; torch.optim.AdamW, which it equals.
 */
export function adamW(weights: Weights, options: AdamWOptions = {}): Optimizer {
  const { learningRate = 1e-3, weightDecay = 0.01, groups } = options;
  return hostOptimizer(weights, {
    name: "adamW",
    learningRate,
    weightDecay,
    groups,
    begin: (size) => ({ m: new Float32Array(size), v: new Float32Array(size) }),
    update(w, g, { m, v }, settings) {
      const { gradientScale, beta1, beta2, epsilon, keep, stepSize, rootScale } = adamCoefficients(
        options,
        settings,
      );
      for (let i = 0; i < w.length; i++) {
        const d = gradientScale * (g[i] as number);
        const mean = beta1 * (m[i] as number) + (1 - beta1) * d;
        const square = beta2 * (v[i] as number) + (1 - beta2) * d * d;
        m[i] = mean;
        v[i] = square;
        w[i] =
          keep * (w[i] as number) - (stepSize * mean) / (rootScale * Math.sqrt(square) + epsilon);
      }
    },
    program: {
      numbers(settings) {
        const { keep, stepSize, rootScale } = adamCoefficients(options, {
          ...settings,
          gradientScale: 1,
        });
        return [keep, stepSize, rootScale];
      },
      update(w, d, { m, v }, numbers) {
        const [keep, stepSize, rootScale] = numbers as [Tensor, Tensor, Tensor];
        const { betas: [beta1, beta2] = [0.9, 0.96], epsilon = 1e-8 } = options;
        const mean = add(mul(m as Tensor, beta1), mul(d, 1 - beta1));
        const squares = add(mul(v as Tensor, beta2), mul(square(d), 1 - beta2));
        const step = div(mul(mean, stepSize), add(mul(sqrt(squares), rootScale), epsilon));
        return { w: sub(mul(w, keep), step), state: { m: mean, v: squares } };
      },
    },
  });
}

export interface AdamCoefficients {
  readonly gradientScale: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** What decay leaves of a weight. */
  readonly keep: number;
  readonly stepSize: number;
  readonly rootScale: number;
}

/** The numbers of one step: w becomes keep · w - stepSize · m / (rootScale · √v + epsilon). */
export function adamCoefficients(
  { betas = [0.9, 0.96], epsilon = 1e-8 }: AdamWOptions,
  { learningRate, weightDecay, gradientScale, step }: StepSettings,
): AdamCoefficients {
  const [beta1, beta2] = betas;
  return {
    gradientScale,
    beta1,
    beta2,
    epsilon,
    keep: 1 - learningRate * weightDecay,
    // The means began at 0, so the first ones are too small by these known factors.
    stepSize: learningRate / (1 - beta1 ** step),
    rootScale: 1 / Math.sqrt(1 - beta2 ** step),
  };
}
