import {
  constant,
  cosine,
  cosineRestarts,
  linear,
  linearWarmup,
  multiStepLR,
  type Schedule,
} from "@hawksbill/trainer";
import { requireKnown, requireOneOf } from "./require-known.js";

/** The ways in which fine-tuning's learning rate goes on after its warm-up. */
export const scheduleNames = ["cosine", "linear", "constant", "multistep", "restarts"] as const;

export type ScheduleName = (typeof scheduleNames)[number];

export interface ScheduleSettings {
  /** "cosine" and "linear" fall to a tenth of the rate at the last step, "restarts" again and again; default "cosine". */
  readonly name?: ScheduleName;
  /** Steps that rise to the full rate; default a tenth of all. */
  readonly warmupSteps?: number;
  /** Of "multistep": the steps at which the rate is lowered; default at a half and at three quarters. */
  readonly milestones?: readonly number[];
  /** Of "multistep": by this factor; default 0.5. */
  readonly gamma?: number;
  /** Of "restarts": steps of each wave; default a third of those after the warm-up. */
  readonly restartEvery?: number;
}

/** Every setting there is; the compiler sees to it that none is forgotten. */
const settingNames: { readonly [Name in keyof Required<ScheduleSettings>]: true } = {
  name: true,
  warmupSteps: true,
  milestones: true,
  gamma: true,
  restartEvery: true,
};

/** @throws {RangeError} A setting would be ignored, or there is no such schedule. */
export function requireSchedule(where: string, settings: ScheduleSettings | Schedule): void {
  if (typeof settings === "function") return;
  requireKnown(where, settings, settingNames);
  requireOneOf(`${where}.name`, settings.name ?? "cosine", scheduleNames);
}

/** The learning rate of each of `steps` steps. Milestones are counted from the run's first step. */
export function scheduleNamed(
  rate: number,
  steps: number,
  settings: ScheduleSettings | Schedule = {},
): Schedule {
  if (typeof settings === "function") return settings;
  const { name = "cosine", warmupSteps = Math.ceil(steps / 10), gamma = 0.5 } = settings;
  const { milestones = [Math.ceil(steps / 2), Math.ceil((3 * steps) / 4)] } = settings;
  const falling = { steps: Math.max(1, steps - warmupSteps), final: rate / 10 };
  const after = {
    cosine: () => cosine(rate, falling),
    linear: () => linear(rate, falling),
    constant: () => constant(rate),
    restarts: () => {
      const { restartEvery: steps = Math.ceil(falling.steps / 3) } = settings;
      return cosineRestarts(rate, { steps, final: rate / 10 });
    },
    multistep: () =>
      multiStepLR(rate, { milestones: milestones.map((step) => step - warmupSteps), gamma }),
  }[name]();
  return linearWarmup(after, { steps: warmupSteps });
}
