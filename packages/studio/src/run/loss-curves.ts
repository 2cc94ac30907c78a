import type { LossPoint, Run } from "./run.js";

/** Steps, each batch's loss, the same averaged over the steps around, and the held-out clips' loss; null where there is none. */
export type LossCurves = [
  steps: number[],
  batches: (number | null)[],
  averaged: (number | null)[],
  heldOut: (number | null)[],
];

/** The curves of a fine-tuning. */
export function lossCurves({ losses, measured }: Pick<Run, "losses" | "measured">): LossCurves {
  const batches = byStep(losses);
  const heldOut = byStep(measured);
  const steps = [...new Set([...heldOut.keys(), ...batches.keys()])].sort((a, b) => a - b);
  const reach = Math.max(1, Math.round(steps.length / 20));
  const raw = steps.map((step) => batches.get(step) ?? null);
  return [
    steps,
    raw,
    raw.map((value, i) =>
      value === null ? null : mean(raw.slice(Math.max(0, i - reach), i + reach + 1)),
    ),
    steps.map((step) => heldOut.get(step) ?? null),
  ];
}

function byStep(points: readonly LossPoint[]): Map<number, number> {
  return new Map(points.map(({ step, mel }) => [step, mel]));
}

function mean(values: readonly (number | null)[]): number {
  const numbers = values.filter((value) => value !== null);
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}
