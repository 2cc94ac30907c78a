import {
  and,
  argmax,
  cast,
  crossEntropy,
  equal,
  mean,
  notEqual,
  type Tensor,
  where,
} from "@hawksbill/core";
import { type Batch, ignored } from "./batch.js";
import type { UnifiedVoiceConfig } from "./config.js";

/** What the mel loss does not tell, as scalars. */
export interface CodeMetrics {
  /**
   * Cross entropy of the codes alone, without the stop tokens, in nats: among `exp(codeLoss)` codes as
   * likely as one another the choice would be as hard, which is the code perplexity.
   */
  readonly codeLoss: Tensor;
  /**
   * Share of the clips whose end is known: behind the clip's own codes the stop token is the likeliest
   * at its first target, and at no code before it.
   */
  readonly stopAccuracy: Tensor;
}

/**
 * How well a batch's codes and ends are guessed, for use inside `compile`.
 *
 * @param melLogits What each position predicts, [batch, conditioning + positions, melCodes].
 */
export function codeMetrics(
  melLogits: Tensor,
  { melTargets }: Pick<Batch, "melTargets">,
  { stopMelToken }: Pick<UnifiedVoiceConfig, "stopMelToken">,
): CodeMetrics {
  const ends = equal(melTargets, stopMelToken); // [B, S]
  const saysEnd = and(equal(argmax(melLogits, -1), stopMelToken), notEqual(melTargets, ignored)); // [B, S]
  // Nothing is a target at position 0, so that a row without an end is never right.
  const isRight = equal(firstTrue(saysEnd), firstTrue(ends)); // [B]
  return {
    codeLoss: crossEntropy(melLogits, where(ends, ignored, melTargets), { ignoreIndex: ignored }),
    stopAccuracy: mean(cast(isRight, "float32")),
  };
}

/** Where each row is true first, 0 where it never is. @param rows bool [B, S]. @returns int32 [B]. */
function firstTrue(rows: Tensor): Tensor {
  return argmax(cast(rows, "float32"), 1);
}
