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
  const { milestones, gamma = 0.5 } = options;
  requireRate("multiStepLR", rate);
  if (!Number.isFinite(gamma) || gamma < 0)
    throw new RangeError(`multiStepLR: gamma is ${gamma}; give a number >= 0, e.g. 0.5`);
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
  const { steps, final = 0 } = options;
  requireRate("cosine", rate);
  requireRate("cosine", final, "final");
  requireSteps("cosine", steps);
  return (step) => {
    const done = Math.min(step / steps, 1);
    return final + ((rate - final) * (1 + Math.cos(Math.PI * done))) / 2;
  };
}

/**
 * Half waves of a cosine one after another, each from the full rate again.
 *
 * @param options.steps Steps of the first wave.
 * @param options.growth How many times longer each wave is than the one before; default 1.
 * @param options.final Where each wave would end; default 0.
 * @see torch.optim.lr_scheduler.CosineAnnealingWarmRestarts (T_0, T_mult, eta_min), stepped after each step.
 */
export function cosineRestarts(
  rate: number,
  options: { readonly steps: number; readonly growth?: number; readonly final?: number },
): Schedule {
  const { steps, growth = 1, final = 0 } = options;
  requireRate("cosineRestarts", rate);
  requireRate("cosineRestarts", final, "final");
  requireSteps("cosineRestarts", steps);
  if (!Number.isInteger(growth) || growth < 1)
    throw new RangeError(`cosineRestarts: growth is ${growth}; give a whole number >= 1`);
  return (step) => {
    let [begin, length] = [0, steps];
    while (step >= begin + length) {
      begin += length;
      length *= growth;
    }
    return cosine(rate, { steps: length, final })(step - begin);
  };
}

/**
 * A rate that changes in equal parts.
 *
 * @param options.steps Steps until it reaches `final`, where it stays.
 * @param options.final Default 0; may be above `rate`.
 * @see torch.optim.lr_scheduler.LinearLR, stepped after each step.
 */
export function linear(
  rate: number,
  options: { readonly steps: number; readonly final?: number },
): Schedule {
  const { steps, final = 0 } = options;
  requireRate("linear", rate);
  requireRate("linear", final, "final");
  requireSteps("linear", steps);
  return (step) => rate + (final - rate) * Math.min(step / steps, 1);
}

/**
 * A rate that changes by the same factor at each step. Rising, it finds a good learning rate: see
 * where the loss begins to grow.
 *
 * @param options.steps Steps until it reaches `final`, where it stays.
 * @see torch.optim.lr_scheduler.ExponentialLR with gamma = (final / rate)^(1 / steps), until then.
 */
export function exponential(
  rate: number,
  options: { readonly steps: number; readonly final: number },
): Schedule {
  const { steps, final } = options;
  for (const [name, value] of Object.entries({ rate, final }))
    if (!(value > 0 && Number.isFinite(value)))
      throw new RangeError(`exponential: ${name} is ${value}; give a number above 0, e.g. 1e-4`);
  requireSteps("exponential", steps);
  return (step) => rate * (final / rate) ** Math.min(step / steps, 1);
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

/**
 * One schedule after another, each from its own step 0.
 *
 * @param parts Each for so many steps; the last one goes on.
 * @see torch.optim.lr_scheduler.SequentialLR, whose milestones are where the parts meet.
 */
export function sequence(
  parts: readonly { readonly schedule: Schedule; readonly steps: number }[],
): Schedule {
  const last = parts.at(-1);
  if (last === undefined) throw new RangeError("sequence: it has no parts; give one or more");
  for (const { steps } of parts) requireSteps("sequence", steps);
  return (step) => {
    let rest = step;
    for (const { schedule, steps } of parts) {
      if (rest < steps) return schedule(rest);
      rest -= steps;
    }
    return last.schedule(last.steps + rest);
  };
}

/** A schedule times a number: for a sweep over learning rates, or one part of a model. */
export function scaled(schedule: Schedule, factor: number): Schedule {
  if (!Number.isFinite(factor) || factor < 0)
    throw new RangeError(`scaled: factor is ${factor}; give a number >= 0`);
  return (step) => factor * schedule(step);
}

function requireRate(name: string, rate: number, what = "rate"): void {
  if (!Number.isFinite(rate) || rate < 0)
    throw new RangeError(`${name}: ${what} is ${rate}; give a number >= 0, e.g. 1e-4`);
}

function requireSteps(name: string, steps: number): void {
  if (!Number.isInteger(steps) || steps < 1)
    throw new RangeError(`${name}: steps is ${steps}; give a whole number >= 1`);
}
