import { basePrecisions } from "./base-precision.js";
import type { FinetuneOptions } from "./finetune-options.js";
import { optimizerNames } from "./optimizer-named.js";
import { requireOneOf } from "./require-known.js";
import { requireSchedule } from "./schedule-named.js";
import { TortoiseError } from "./tortoise-error.js";

/**
 * What can be known before clips are encoded, which takes minutes.
 *
 * @throws {TortoiseError} An option makes no sense, or none without another.
 * @throws {RangeError} An option has a value that it does not take.
 */
export function requireFinetuneOptions(options: FinetuneOptions): void {
  const { adapter, basePrecision = "fp32", programs, labelSmoothing: smoothing = 0 } = options;
  requireTrainingOptions("finetune", options);
  requireOneOf("finetune: basePrecision", basePrecision, basePrecisions);
  requireOneOf("finetune: recipe", options.recipe ?? "hawksbill", ["hawksbill", "dlas"]);
  if (basePrecision !== "fp32" && !adapter)
    throw new TortoiseError(
      `finetune: basePrecision is "${basePrecision}", but all weights are trained, which needs float32; train an adapter, or leave basePrecision out`,
    );
  if (basePrecision !== "fp32" && programs === "whole")
    throw new TortoiseError(
      `finetune: basePrecision is "${basePrecision}", but one program for the whole model would widen the base again; leave programs out`,
    );
  const { text, mel } =
    typeof smoothing === "number" ? { text: smoothing, mel: smoothing } : smoothing;
  requireShare("labelSmoothing of text", text);
  requireShare("labelSmoothing of mel", mel);
  requireShare("conditioningDropout", options.conditioningDropout);
  requireShare("balance", options.balance);
  const { conditioningClips = 1 } = options;
  if (!Number.isInteger(conditioningClips) || conditioningClips < 1)
    throw new TortoiseError(
      `finetune: conditioningClips is ${conditioningClips}; give a whole number >= 1`,
    );
}

/**
 * What every training has to choose among.
 *
 * @throws {RangeError} There is no such choice. {TortoiseError} It makes no sense, or none beside another.
 */
export function requireTrainingOptions(
  caller: string,
  options: Pick<
    FinetuneOptions,
    "optimizer" | "schedule" | "programs" | "update" | "accumulate" | "clip" | "averageDecay"
  >,
): void {
  const { optimizer = "adamw", schedule = {}, programs, update = "step" } = options;
  const { averageDecay = 0 } = options;
  requireOneOf(`${caller}: optimizer`, optimizer, optimizerNames);
  requireSchedule(`${caller}: schedule`, schedule);
  requireOneOf(`${caller}: programs`, programs ?? "whole", ["whole", "blocks"]);
  requireOneOf(`${caller}: update`, update, ["step", "parts"]);
  if (!(averageDecay >= 0 && averageDecay < 1))
    throw new TortoiseError(
      `${caller}: averageDecay is ${averageDecay}; give a number from 0 to below 1`,
    );
  const problem = update === "parts" ? problemOfParts(options) : undefined;
  if (problem) throw new TortoiseError(`${caller}: update is "parts", but ${problem}`);
}

function problemOfParts({
  programs,
  accumulate = 1,
  clip,
}: Pick<FinetuneOptions, "programs" | "accumulate" | "clip">): string | undefined {
  if (programs === "whole")
    return "one program for the whole model gives all gradients at once; leave programs out";
  if (accumulate > 1) return `a step has ${accumulate} batches; give one`;
  if (clip && "norm" in clip && clip.by !== "weight")
    return `gradients are clipped by the length of ${clip.by === "all" ? "all" : "a group"} together; clip by "weight", or by value`;
  return undefined;
}

function requireShare(name: string, value: number | undefined): void {
  if (value !== undefined && !(value >= 0 && value <= 1))
    throw new TortoiseError(`finetune: ${name} is ${value}; give a number from 0 to 1`);
}
