import type { StepSettings } from "./host-optimizer.js";

export interface AdamCoefficients {
  readonly gradientScale: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** The share of a weight that decays. */
  readonly decay: number;
  readonly stepSize: number;
  readonly rootScale: number;
}

interface Constants {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
}

export const adamDefaults: Constants = { betas: [0.9, 0.96], epsilon: 1e-8 };

/** The numbers of one step: w becomes w - (decay · w + stepSize · m / (rootScale · √v + epsilon)). */
export function adamCoefficients(
  { betas, epsilon }: Constants,
  { learningRate, weightDecay, gradientScale, step }: StepSettings,
): AdamCoefficients {
  const [beta1, beta2] = betas;
  return {
    gradientScale,
    beta1,
    beta2,
    epsilon,
    decay: learningRate * weightDecay,
    // The means began at 0, so the first ones are too small by these known factors.
    stepSize: learningRate / (1 - beta1 ** step),
    rootScale: 1 / Math.sqrt(1 - beta2 ** step),
  };
}
