import { lowest, overfitsFrom } from "../run/overfitting.js";
import type { RunLog } from "../run/run-log.js";

/** The curves of one number over the steps; null where there is no value. */
export interface Curves {
  readonly name: string;
  readonly steps: readonly number[];
  /** Of each step's batch. */
  readonly training: readonly (number | null)[];
  /** The same, averaged over the steps around. */
  readonly smooth: readonly (number | null)[];
  readonly heldOut: readonly (number | null)[];
  /** The step whose held-out loss is the lowest, and the one from which the model overfits. */
  readonly best?: number;
  readonly overfits?: number;
  /** Of the values shown; default that of the data. */
  readonly range?: readonly [number, number];
}

/** The curves of a number that steps and measurements have. @param metric E.g. "mel". */
export function metricCurves(log: RunLog, metric: string, name: string): Curves {
  const evaluations = log.bySteps("evaluation");
  const [best, overfits] = [lowest(evaluations)?.step, overfitsFrom(evaluations)?.step];
  return {
    ...curves(
      name,
      log.bySteps("step").map(({ step, metrics }) => [step, metrics[metric]]),
      evaluations.map(({ step, metrics }) => [step, metrics[metric]]),
    ),
    ...(best === undefined || evaluations.length < 2 ? {} : { best }),
    ...(overfits === undefined ? {} : { overfits }),
  };
}

/** The curve of a number that only training has. */
export function stepCurves(log: RunLog, of: "gradNorm" | "learningRate", name: string): Curves {
  const points = log.bySteps("step").map((event) => [event.step, event[of]] as const);
  return curves(name, points, []);
}

/** The curves of the decoder's fitting. */
export function decoderCurves(log: RunLog): Curves {
  return curves(
    "decoder’s mel error",
    log.bySteps("decoderStep").map(({ step, loss }) => [step, loss]),
    log.bySteps("decoderEvaluation").map(({ step, loss }) => [step, loss]),
  );
}

type Points = readonly (readonly [step: number, value: number | undefined])[];

function curves(name: string, trainingPoints: Points, heldOutPoints: Points): Curves {
  const known = (points: Points): Points => points.filter(([, value]) => value !== undefined);
  const training = new Map(known(trainingPoints));
  const heldOut = new Map(known(heldOutPoints));
  const steps = [...new Set([...heldOut.keys(), ...training.keys()])].sort((a, b) => a - b);
  const raw = steps.map((step) => training.get(step) ?? null);
  return {
    name,
    steps,
    training: raw,
    smooth: averaged(raw, Math.max(1, Math.round(steps.length / 20))),
    heldOut: steps.map((step) => heldOut.get(step) ?? null),
  };
}

/** Each value's mean with so many on either side of it. */
function averaged(values: readonly (number | null)[], reach: number): (number | null)[] {
  return values.map((value, i) => {
    if (value === null) return null;
    const near = values.slice(Math.max(0, i - reach), i + reach + 1).filter((v) => v !== null);
    return near.reduce((sum, v) => sum + v, 0) / near.length;
  });
}
