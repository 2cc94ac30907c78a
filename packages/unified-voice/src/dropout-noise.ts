import type { Random } from "@hawksbill/core";
import type { Batch } from "./batch.js";
import type { UnifiedVoiceConfig } from "./config.js";
import type { DropoutNoise } from "./gpt.js";

/**
 * Random numbers for one training step with dropout; they are the caller's to dispose of.
 *
 * There are as many as the model's inner values, so drawing them takes a good part of a step.
 */
export function dropoutNoise(
  { layers, heads, modelDim }: UnifiedVoiceConfig,
  batch: Batch,
  random: Random,
): DropoutNoise {
  const [B = 1, T = 1] = batch.melTargets.shape;
  const width = [B, T, modelDim];
  return {
    embeddings: random.uniform(width),
    blocks: Array.from({ length: layers }, () => ({
      attention: random.uniform([B, heads, T, T]),
      found: random.uniform(width),
      inner: random.uniform(width),
    })),
  };
}
