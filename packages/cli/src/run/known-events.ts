import type { TrainingState } from "@hawksbill/trainer";
import type { RunEvent } from "./run-events.js";

/** What a checkpoint tells of the events before it; step 0 stands for a run that has none yet. */
export type CheckpointMark = Pick<TrainingState, "step" | "evaluatedStep" | "skipped">;

/**
 * The events that were told before a checkpoint was written. Those behind it are told again when the run goes
 * on from there, its own included: whatever a killed process could still tell of them, the log comes out the same.
 */
export function knownEvents<E extends RunEvent>(events: readonly E[], mark: CheckpointMark): E[] {
  const end = events.findIndex((event) => isBehind(event, mark));
  return end < 0 ? [...events] : events.slice(0, end);
}

function isBehind(event: RunEvent, { step, evaluatedStep, skipped }: CheckpointMark): boolean {
  switch (event.type) {
    case "step":
    case "sample":
      return event.step > step;
    case "evaluation":
      return event.step > step || (event.step === step && evaluatedStep !== step);
    case "skipped":
      return event.total > (skipped?.total ?? 0);
    case "checkpoint":
    case "checkpointFailed":
      return event.step >= step;
    case "speech":
      return event.which === "after" || step === 0;
    case "aborted":
    case "done":
    case "decoderStep":
    case "decoderEvaluation":
    case "summary":
      return true;
    default:
      return false;
  }
}
