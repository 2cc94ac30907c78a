import { concat, reshape, type Tensor, type Weights } from "@hawksbill/core";
import type { UnifiedVoiceConfig } from "./config.js";
import { gpt } from "./gpt.js";
import type { Inputs } from "./inputs.js";
import { embedTokens } from "./training-losses.js";

/**
 * The states that predict each next token when the codes are known, for use inside `compile`: those at the
 * start token and at all codes but the last are what the diffusion decoder reads.
 *
 * @param voice Conditioning, [batch, dim] or [batch, 1, dim].
 * @returns [batch, 1 + positions, dim]; column 0 is the conditioning's.
 */
export function latents(
  weights: Weights,
  inputs: Inputs,
  voice: Tensor,
  { layers, heads, modelDim }: UnifiedVoiceConfig,
): Tensor {
  const first = reshape(voice, [-1, 1, modelDim]);
  return gpt(weights, concat([first, embedTokens(weights, inputs)], 1), { layers, heads });
}
