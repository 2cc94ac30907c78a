import { AR_MEL } from "@hawksbill/audio";
import { framesPerCode } from "@hawksbill/dvae";
import type { Model } from "./model.js";

/**
 * How long clips may be that a model is trained on, for `prepareDataset` and its kin: what it has positions for, within
 * what TorToiSe is trained on, 11.61 s and 200 tokens.
 */
export function clipLimits({ config, dvaeConfig }: Pick<Model, "config" | "dvaeConfig">): {
  readonly maximumSeconds: number;
  readonly maximumTextTokens: number;
} {
  const codeSeconds = (framesPerCode(dvaeConfig) * AR_MEL.hopSamples) / AR_MEL.sampleRateHz;
  // One code less: that of the frame which a whole clip's last samples may begin.
  const longest = Math.floor((config.maxMelTokens - 1) * codeSeconds * 100) / 100;
  return {
    maximumSeconds: Math.min(11.61, longest),
    maximumTextTokens: Math.min(200, config.maxTextTokens),
  };
}
