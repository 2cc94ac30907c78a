import type { EvaluationEvent } from "@hawksbill/trainer";
import { lossText } from "../format.js";
import type { RunLog } from "./run-log.js";

/** Measurements above the lowest that are no accident. */
const risesThatCount = 2;

/** The measurement from which on the held-out clips are said worse; nothing while they are not. */
export function overfitsFrom(evaluations: readonly EvaluationEvent[]): EvaluationEvent | undefined {
  const best = lowest(evaluations);
  const since = evaluations.filter(({ step }) => best && step > best.step);
  return since.length < risesThatCount ? undefined : since[0];
}

/** In words, that the held-out clips are said worse and worse; nothing while they are not. */
export function overfitting(evaluations: readonly EvaluationEvent[]): string | undefined {
  const best = lowest(evaluations);
  if (!best || !overfitsFrom(evaluations)) return undefined;
  const times = evaluations.filter(({ step }) => step > best.step).length;
  return `the held-out loss was lowest after step ${best.step} (${lossText(best.loss)}) and has been higher ${times} times since: the model begins to learn its clips by heart; fewer steps or --patience end earlier, --best takes the weights of that step`;
}

/** What to say of overfitting at the last measurement: it is said once, where it becomes clear. */
export function newOverfitting(evaluations: readonly EvaluationEvent[]): string | undefined {
  const isOld = evaluations.some((_, i) => i > 0 && overfitsFrom(evaluations.slice(0, i)));
  return isOld ? undefined : overfitting(evaluations);
}

/** Which measurement was the best, for the end of a run; nothing without two of them. */
export function bestMeasurement(log: RunLog): string | undefined {
  const evaluations = log.bySteps("evaluation");
  const [best, done] = [lowest(evaluations), log.all("done").at(-1)];
  if (!best || !done || evaluations.length < 2) return undefined;
  const [early, all] = [done.step < done.steps, `held-out loss was lowest after step ${best.step}`];
  const model = done.best || best.step === done.step ? "; the model is that of this step" : "";
  const stopped = early ? `stopped after step ${done.step} of ${done.steps}: ` : "";
  return `${stopped}${all} (${lossText(best.loss)})${model}`;
}

/** The measurement with the lowest loss, the first of equals. */
export function lowest(evaluations: readonly EvaluationEvent[]): EvaluationEvent | undefined {
  return evaluations.reduce<EvaluationEvent | undefined>(
    (best, event) => (best && best.loss <= event.loss ? best : event),
    undefined,
  );
}
