import { and, cast, max, notEqual, sum, type Tensor } from "@hawksbill/core";
import { type Batch, ignored } from "./batch.js";
import type { UnifiedVoiceConfig } from "./config.js";

/** How many the losses and metrics of a batch are the means of, as scalars: by them those of several batches are averaged. */
export interface TargetCounts {
  /** Of the text loss. */
  readonly text: Tensor;
  /** Of the mel loss. */
  readonly mel: Tensor;
  /** Of `codeLoss`: those of `mel` that are no stop tokens. */
  readonly codes: Tensor;
  /** Of `stopAccuracy`. */
  readonly clips: Tensor;
}

/** What a batch's losses and `codeMetrics` are the means of, for use inside `compile`. */
export function targetCounts(
  { textTargets, melTargets }: Pick<Batch, "textTargets" | "melTargets">,
  { stopMelToken }: Pick<UnifiedVoiceConfig, "stopMelToken">,
): TargetCounts {
  const isTarget = notEqual(melTargets, ignored); // [B, S]
  return {
    text: countTrue(notEqual(textTargets, ignored)),
    mel: countTrue(isTarget),
    codes: countTrue(and(isTarget, notEqual(melTargets, stopMelToken))),
    clips: sum(max(cast(isTarget, "float32"), 1)),
  };
}

function countTrue(rows: Tensor): Tensor {
  return sum(cast(rows, "float32"));
}
