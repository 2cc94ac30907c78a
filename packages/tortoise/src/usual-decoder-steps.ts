import type { Model } from "./model.js";

/** Codes of the released dVAE. It knows how all voices sound; a smaller one has to be told. */
const releasedCodes = 8192;

/** Steps of `adaptDecoder` that suit a model: none for a dVAE as large as the released one. */
export function usualDecoderSteps({ dvaeConfig }: Pick<Model, "dvaeConfig">): number {
  return dvaeConfig.tokens < releasedCodes ? 600 : 0;
}
