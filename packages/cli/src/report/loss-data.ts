import type { RunLog } from "../run/run-log.js";

/** The curves of one loss over the steps; null where there is no value. */
export interface LossCurves {
  readonly name: string;
  readonly steps: readonly number[];
  /** Of each step's batch. */
  readonly training: readonly (number | null)[];
  /** The same, averaged over the steps around. */
  readonly smooth: readonly (number | null)[];
  readonly heldOut: readonly (number | null)[];
}

/** The curves of a loss of the fine-tuning that a run's log holds. @param metric "mel" or "text". */
export function lossCurves(log: RunLog, metric: string, name: string): LossCurves {
  return curves(
    name,
    log.bySteps("step").map(({ step, metrics }) => [step, metrics[metric]]),
    log.bySteps("evaluation").map(({ step, metrics }) => [step, metrics[metric]]),
  );
}

/** The curves of the decoder's fitting. */
export function decoderCurves(log: RunLog): LossCurves {
  return curves(
    "decoder’s mel error",
    log.bySteps("decoderStep").map(({ step, loss }) => [step, loss]),
    log.bySteps("decoderEvaluation").map(({ step, loss }) => [step, loss]),
  );
}

type Points = readonly (readonly [step: number, loss: number | undefined])[];

function curves(name: string, trainingPoints: Points, heldOutPoints: Points): LossCurves {
  const training = new Map(trainingPoints);
  const heldOut = new Map(heldOutPoints);
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
