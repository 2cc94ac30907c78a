import { TrainingError } from "./training-error.js";
import type { AbortedEvent, SkippedEvent } from "./training-events.js";
import type { TrainingState } from "./training-state.js";

/**
 * The error of training whose gradients stay NaN.
 *
 * @param options.inParts Whether the weights moved part by part.
 */
export function diverged(
  { step, steps, inARow }: SkippedEvent,
  state: TrainingState,
  { savedStep, inParts }: { readonly savedStep: number; readonly inParts: boolean },
): TrainingError {
  const but = inParts ? ", but for parts whose gradients were finite since" : "";
  return new TrainingError(
    `train: loss or gradients were NaN or infinite ${inARow} times in a row after step ${step} of ${steps}; lower the learning rate, set clip, or look at the batches. The weights are those of step ${step}${but}. ${howToGoOn(state, savedStep)}`,
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
  return new TrainingError(`${failure(cause, state.step, steps)} ${howToGoOn(state, savedStep)}`, {
    cause,
    state,
  });
}

/** The error of training whose device took the weights with it. */
export function lost(
  cause: unknown,
  step: number,
  steps: number,
  savedStep: number,
): TrainingError {
  const anew = savedStep === 0 ? "" : ", with a device opened anew";
  return new TrainingError(
    `${failure(cause, step, steps)} The weights of that step were on the device only. ${lastSaved(savedStep)}${anew}`,
    { cause },
  );
}

/** The error of training that broke in the midst of a step, as its weights moved one part after another. */
export function halfway(
  cause: unknown,
  step: number,
  steps: number,
  savedStep: number,
): TrainingError {
  return new TrainingError(
    `${failure(cause, step, steps)} Some of the weights had moved on from that step, and others had not. ${lastSaved(savedStep)}`,
    { cause },
  );
}

/** The event of training that was told to stop. */
export function aborted(state: TrainingState, steps: number, savedStep: number): AbortedEvent {
  const { step } = state;
  const message = `Stopped after step ${step} of ${steps}. ${howToGoOn(state, savedStep)}`;
  return { type: "aborted", step, steps, saved: step === savedStep, state, message };
}

function failure(cause: unknown, step: number, steps: number): string {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return `train: failed after step ${step} of ${steps}: ${reason}.`;
}

function lastSaved(savedStep: number): string {
  return savedStep === 0
    ? "Nothing was saved: start anew"
    : `The last state that was saved is of step ${savedStep}: give it as resume to go on`;
}

function howToGoOn({ step }: TrainingState, savedStep: number): string {
  if (step === 0) return "Nothing was trained yet";
  return step === savedStep
    ? "The state is saved: give it as resume to go on"
    : "The state is not saved, only in `state`: save it, or give it as resume to go on";
}
