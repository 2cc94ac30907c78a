import type { Generated } from "@hawksbill/unified-voice";
import type { Silence } from "./tortoise-model.js";

/** How many calm codes behind one another end the speech. */
const longestPause = 8;

/**
 * A candidate as CLVP and the latents take it: the codes of silence behind its words, up to a common length. One that
 * did not stop has that length, and is left as it is.
 *
 * @see neonbjb/tortoise-tts 3.0.0, api.py, fix_autoregressive_output: the ending is written over the last codes of
 *   the whole length, whatever is there.
 */
export function fixedCodes(
  { codes, stopped }: Generated,
  length: number,
  { calm, ending }: Silence,
): Int32Array {
  if (!stopped) return codes;
  const fixed = new Int32Array(length).fill(calm);
  fixed.set(codes);
  const tail = ending.slice(-length);
  fixed.set(tail, length - tail.length);
  return fixed;
}

/** How many codes there are until it has been calm for long; all of them if it never is. */
export function spokenLength(codes: ArrayLike<number>, { calm }: Silence): number {
  let pause = 0;
  for (let i = 0; i < codes.length; i++) {
    pause = codes[i] === calm ? pause + 1 : 0;
    if (pause > longestPause) return i;
  }
  return codes.length;
}
