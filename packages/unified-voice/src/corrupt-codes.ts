import type { Random } from "@hawksbill/core";
import type { Batch } from "./batch.js";
import type { UnifiedVoiceConfig } from "./config.js";

/**
 * Replaces a share of the codes that a batch feeds in by random ones; what it is to predict stays. The model
 * can then lean less on the codes before and has to read its text, and it learns a few clips by heart less soon.
 *
 * @param batch Its ids are changed in place: give one whose step is still to come.
 * @param share 0 to 1.
 */
export function corruptCodes(
  batch: Batch,
  config: UnifiedVoiceConfig,
  { share, random }: { readonly share: number; readonly random: Random },
): void {
  if (!(share >= 0 && share <= 1))
    throw new RangeError(`corruptCodes: share is ${share}; give 0 to 1`);
  const ids = batch.ids.dataSync() as Int32Array;
  for (const [i, id] of ids.entries()) {
    const code = id - config.textTokens;
    if (code >= 0 && code < config.startMelToken && random.next() < share)
      ids[i] = config.textTokens + random.integer(config.startMelToken);
  }
}
