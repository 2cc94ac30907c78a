import type { StepOptions } from "./optimizer.js";

/** @throws {RangeError} A bound is not above 0, or the rate no number >= 0: one step with it would ruin all weights. */
export function requireStep(
  who: string,
  { clip, learningRate }: Pick<StepOptions, "clip"> & { readonly learningRate: number },
): void {
  if (!(Number.isFinite(learningRate) && learningRate >= 0))
    throw new RangeError(`${who}: learningRate is ${learningRate}; give a number >= 0`);
  if (clip === undefined) return;
  const [name, bound] = "value" in clip ? ["value", clip.value] : ["norm", clip.norm];
  if (!(bound > 0))
    throw new RangeError(`clip: ${name} is ${bound}; give a number above 0, e.g. 1`);
}
