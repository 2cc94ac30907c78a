import type { Chain, Tensor } from "@hawksbill/core";
import type { Batch } from "./batch.js";
import { type CodeMetrics, codeMetrics } from "./code-metrics.js";
import type { UnifiedVoiceConfig } from "./config.js";
import { block, finalNorms } from "./gpt.js";
import { embedBatch, type LossOptions, stateLosses } from "./training-losses.js";

/** The scalars of `Losses`, and what they do not tell. */
export interface ChainLosses extends CodeMetrics {
  readonly loss: Tensor;
  readonly text: Tensor;
  readonly mel: Tensor;
}

/** Weights that make the GPT's input. */
const inputWeights =
  /^(conditioning_encoder|text_embedding|mel_embedding|text_pos_embedding|mel_pos_embedding)\./;

/**
 * `trainingLosses` as a chain for `chainGradients` of @hawksbill/core: one program for all blocks, and little
 * memory, for models too big for one program. Without dropout.
 */
export function trainingChain(
  config: UnifiedVoiceConfig,
  options: Pick<LossOptions, "textWeight" | "labelSmoothing" | "normalise"> = {},
): Chain<Batch, ChainLosses> {
  const { layers, heads } = config;
  return {
    first: (weights, batch) => embedBatch(weights, batch, config),
    blocks: Array.from({ length: layers }, (_, i) => `gpt.h.${i}`),
    block: (weights, x) => block(weights, x, { heads }),
    last(weights, x, batch) {
      const states = finalNorms(weights, x);
      const { loss, text, mel, melLogits } = stateLosses(weights, states, batch, options);
      return { loss, text, mel, ...codeMetrics(melLogits, batch, config) };
    },
    isFirst: (name) => inputWeights.test(name),
  };
}
