import { TrainingError } from "./training-error.js";
import type { AbortedEvent, SkippedEvent } from "./training-events.js";
import type { TrainingState } from "./training-state.js";

/** The error of training whose gradients stay NaN. */
export function diverged(
  { step, steps, inARow }: SkippedEvent,
  state: TrainingState,
  savedStep: number,
): TrainingError {
  return new TrainingError(
    `train: loss or gradients were NaN or infinite ${inARow} times in a row after step ${step} of ${steps}; lower the learning rate, set clip, or look at the batches. The weights are those of step ${step}. ${howToGoOn(state, savedStep)}`,
    { state },
  );
}

/** The error of training that something else broke. */
export function failed(
  cause: unknown,
  state: TrainingState,
  steps: number,
  savedStep: number,
): TrainingError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TrainingError(
    `train: failed after step ${state.step} of ${steps}: ${reason}. ${howToGoOn(state, savedStep)}`,
    { cause, state },
  );
}

/** The error of training whose device took the weights with it. */
export function lost(
  cause: unknown,
  step: number,
  steps: number,
  savedStep: number,
): TrainingError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const goOn =
    savedStep === 0
      ? "Nothing was saved: start anew"
      : `The last state that was saved is of step ${savedStep}: give it as resume to go on, with a device opened anew`;
  return new TrainingError(
    `train: failed after step ${step} of ${steps}: ${reason}. The weights of that step were on the device only. ${goOn}`,
    { cause },
  );
}

/** The event of training that was told to stop. */
export function aborted(state: TrainingState, steps: number, savedStep: number): AbortedEvent {
  const { step } = state;
  const message = `Stopped after step ${step} of ${steps}. ${howToGoOn(state, savedStep)}`;
  return { type: "aborted", step, steps, saved: step === savedStep, state, message };
}

function howToGoOn({ step }: TrainingState, savedStep: number): string {
  if (step === 0) return "Nothing was trained yet";
  return step === savedStep
    ? "The state is saved: give it as resume to go on"
    : "The state is not saved, only in `state`: save it, or give it as resume to go on";
}
