/** The learning rate of a step, counted from 0. Any function of that form is a schedule. */
export type Schedule = (step: number) => number;

/** The same rate at every step. */
export function constant(rate: number): Schedule {
  requireRate("constant", rate);
  return () => rate;
}

/**
 * A rate that is multiplied by `gamma` at each milestone.
 *
 * @param options.milestones Steps, counted from 0, that are the first with the lower rate.
 * @param options.gamma Default 0.5.
 * @see torch.optim.lr_scheduler.MultiStepLR, stepped after each step.
 */
export function multiStepLR(
  rate: number,
  options: { readonly milestones: readonly number[]; readonly gamma?: number },
): Schedule {
  requireRate("multiStepLR", rate);
  const { milestones, gamma = 0.5 } = options;
  return (step) => rate * gamma ** milestones.filter((milestone) => milestone <= step).length;
}

/**
 * A rate that falls along half a cosine wave.
 *
 * @param options.steps Steps until it reaches `final`, where it stays.
 * @param options.final Default 0.
 */
export function cosine(
  rate: number,
  options: { readonly steps: number; readonly final?: number },
): Schedule {
  requireRate("cosine", rate);
  const { steps, final = 0 } = options;
  requireSteps("cosine", steps);
  return (step) => {
    const done = Math.min(step / steps, 1);
    return final + ((rate - final) * (1 + Math.cos(Math.PI * done))) / 2;
  };
}

/**
 * Rises in equal parts to the first rate of `schedule`, then follows it from its step 0.
 *
 * @param options.steps Steps before the full rate; 0 for none.
 */
export function linearWarmup(schedule: Schedule, options: { readonly steps: number }): Schedule {
  const { steps } = options;
  if (!Number.isInteger(steps) || steps < 0)
    throw new RangeError(`linearWarmup: steps is ${steps}; give a whole number >= 0`);
  return (step) =>
    step < steps ? (schedule(0) * (step + 1)) / (steps + 1) : schedule(step - steps);
}

function requireRate(name: string, rate: number): void {
  if (!Number.isFinite(rate) || rate < 0)
    throw new RangeError(`${name}: rate is ${rate}; give a number >= 0, e.g. 1e-4`);
}

function requireSteps(name: string, steps: number): void {
  if (!Number.isInteger(steps) || steps < 1)
    throw new RangeError(`${name}: steps is ${steps}; give a whole number >= 1`);
}
