import type { EvaluationEvent } from "@hawksbill/trainer";
import type { RunLog } from "./run-log.js";

/** What came out of a run, in numbers; null where nothing was held out or spoken. */
export interface Summary {
  /** Of all losses together, each with its weight. */
  readonly heldOutLossBefore: number | null;
  readonly heldOutLossAfter: number | null;
  readonly heldOutMelLossBefore: number | null;
  readonly heldOutMelLossAfter: number | null;
  readonly heldOutTextLossBefore: number | null;
  readonly heldOutTextLossAfter: number | null;
  readonly steps: number;
  /** By part, over all sessions of the run. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly peakMemoryMB: number;
  /** Length of after.wav. */
  readonly afterSeconds: number | null;
  /** Whether the model ended after.wav itself, as opposed to being cut at its longest. */
  readonly afterStopped: boolean | null;
  readonly device: string;
  readonly seed: number;
}

/** The summary of what a run's log holds. */
export function summarise(
  log: RunLog,
  rest: Pick<Summary, "steps" | "seconds" | "peakMemoryMB" | "device" | "seed">,
): Summary {
  const evaluations = log.bySteps("evaluation");
  const before = evaluations.find(({ step }) => step === 0);
  const done = log.all("done").at(-1);
  const last = done?.step ?? rest.steps;
  const after = evaluations.find(({ step }) => step === (done?.best?.step ?? last));
  const speech = log.all("speech").findLast(({ which }) => which === "after");
  const metric = (event: EvaluationEvent | undefined, name: string): number | null =>
    event?.metrics[name] ?? null;
  return {
    heldOutLossBefore: before?.loss ?? null,
    heldOutLossAfter: after?.loss ?? null,
    heldOutMelLossBefore: metric(before, "mel"),
    heldOutMelLossAfter: metric(after, "mel"),
    heldOutTextLossBefore: metric(before, "text"),
    heldOutTextLossAfter: metric(after, "text"),
    steps: last,
    seconds: rest.seconds,
    peakMemoryMB: rest.peakMemoryMB,
    afterSeconds: speech?.seconds ?? null,
    afterStopped: speech?.stopped ?? null,
    device: rest.device,
    seed: rest.seed,
  };
}
