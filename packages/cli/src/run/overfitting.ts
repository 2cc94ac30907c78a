import type { EvaluationEvent } from "@hawksbill/trainer";
import { lossText } from "../format.js";
import type { RunLog } from "./run-log.js";

/** Measurements above the lowest that are no accident. */
const risesThatCount = 2;

/** In words, that the held-out clips are said worse and worse; nothing while they are not. */
export function overfitting(evaluations: readonly EvaluationEvent[]): string | undefined {
  const best = lowest(evaluations);
  const since = evaluations.filter(({ step }) => step > (best?.step ?? 0));
  if (!best || since.length < risesThatCount) return undefined;
  return `the held-out loss was lowest after step ${best.step} (${lossText(best.loss)}) and has been higher ${since.length} times since: the model begins to learn its clips by heart; fewer steps or --patience end earlier, --best takes the weights of that step`;
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

function lowest(evaluations: readonly EvaluationEvent[]): EvaluationEvent | undefined {
  return evaluations.reduce<EvaluationEvent | undefined>(
    (best, event) => (best && best.loss <= event.loss ? best : event),
    undefined,
  );
}
