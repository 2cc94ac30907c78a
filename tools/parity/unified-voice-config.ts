import type { Weights } from "@hawksbill/core";
import { inferConfig, type UnifiedVoiceConfig } from "@hawksbill/unified-voice";
import { Config, type Fixture } from "./fixture.js";

/** Sizes from the weights, heads and special tokens from the metadata; where both tell, they must agree. */
export function unifiedVoiceConfigOf(fixture: Fixture, weights: Weights): UnifiedVoiceConfig {
  const config = new Config(fixture);
  const sizes = inferConfig(weights, { heads: config.number("heads"), file: fixture.name });
  config.expectSizes({
    layers: sizes.layers,
    model_dim: sizes.modelDim,
    max_text_tokens: sizes.maxTextTokens,
    number_mel_codes: sizes.melCodes,
  });
  config.expectSettings({ types: 1 });
  return {
    ...sizes,
    // The position table also has rows for conditioning inputs, of which the original lets one choose the number.
    maxMelTokens: config.number("max_mel_tokens", sizes.maxMelTokens),
    startTextToken: config.number("start_text_token", sizes.startTextToken),
    stopTextToken: config.number("stop_text_token", sizes.stopTextToken),
    startMelToken: config.number("start_mel_token", sizes.startMelToken),
    stopMelToken: config.number("stop_mel_token", sizes.stopMelToken),
  };
}

/** Samples of audio that one mel code stands for in the original. */
export function samplesPerCodeOf(fixture: Fixture): number {
  return new Config(fixture).number("mel_length_compression", 1024);
}
