import type { FinetuneOptions } from "./finetune-options.js";
import { TortoiseError } from "./tortoise-error.js";

/** @throws {TortoiseError} An option makes no sense, or none without another. */
export function requireFinetuneOptions(options: FinetuneOptions): void {
  const { adapter, basePrecision = "fp32", programs, labelSmoothing: smoothing = 0 } = options;
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

function requireShare(name: string, value: number | undefined): void {
  if (value !== undefined && !(value >= 0 && value <= 1))
    throw new TortoiseError(`finetune: ${name} is ${value}; give a number from 0 to 1`);
}
