import { NonFiniteError } from "@hawksbill/core";
import type { UnifiedVoiceConfig } from "./config.js";

/** How likely known codes are, as natural logs of probabilities. */
export interface Likelihood {
  /** Of each code, after those before it, [codes]. */
  readonly codes: Float64Array;
  /** Of the end before the first code, and behind each of them, [codes + 1]. */
  readonly ends: Float64Array;
}

/**
 * @param logits Of each code, and of what comes behind the last, [codes + 1, melCodes], row-major.
 * @throws {NonFiniteError} The model gave what is no number.
 */
export function likelihoodOf(
  logits: Float32Array,
  said: ArrayLike<number>,
  { melCodes, stopMelToken }: Pick<UnifiedVoiceConfig, "melCodes" | "stopMelToken">,
): Likelihood {
  const codes = new Float64Array(said.length);
  const ends = new Float64Array(said.length + 1);
  for (let i = 0; i <= said.length; i++) {
    const row = logits.subarray(i * melCodes, (i + 1) * melCodes);
    const all = logSumExp(row);
    if (!Number.isFinite(all))
      throw new NonFiniteError(
        `likelihood: the model's answer for code ${i} is NaN or infinite; look for such numbers in the voice and in the weights`,
      );
    ends[i] = (row[stopMelToken] as number) - all;
    if (i < said.length) codes[i] = (row[said[i] as number] as number) - all;
  }
  return { codes, ends };
}

function logSumExp(row: Float32Array): number {
  let top = -Infinity;
  for (const x of row) top = Math.max(top, x);
  let sum = 0;
  for (const x of row) sum += Math.exp(x - top);
  return top + Math.log(sum);
}
