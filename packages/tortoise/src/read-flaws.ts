import type { Generated } from "@hawksbill/unified-voice";
import { heardText } from "./pipeline/brackets.js";
import type { SpeechRequest } from "./pipeline/speak-options.js";
import type { Speaker, Speech } from "./speaker.js";

/** What can be wrong with a speech: it was cut, it says a stretch again and again (until it is cut), or it left words out. */
export type SpeechFlaw = "unfinished" | "repeats" | "hurried";

/** The worst last. */
const flaws: readonly (SpeechFlaw | undefined)[] = [undefined, "unfinished", "repeats", "hurried"];

/** A number to compare speeches by, the higher the better: by their flaws, and by their scores if these are alike. */
export function meritOf(flaw: SpeechFlaw | undefined, score = 0): number {
  return score - 1e6 * flaws.indexOf(flaw); // No score is so high.
}

/**
 * Says a text, and again with the next seeds as long as there is a flaw. Of tries that all have one, the least flawed is
 * taken, and of these the one that CLVP likes best. Greedy sampling says the same with every seed, and is not tried again.
 *
 * @param retries Default 1.
 * @throws See `Speaker.speak`.
 */
export async function speakFlawlessly<S extends Speech>(
  speaker: Pick<Speaker<S>, "speak">,
  request: SpeechRequest,
  retries = 1,
): Promise<S> {
  if (!Number.isInteger(retries) || retries < 0)
    throw new RangeError(`read: retries is ${retries}; give a whole number, 0 for none`);
  const { seed = 0, text, sampling } = request;
  const most = sampling === "greedy" ? 0 : retries;
  const merit = (speech: S & { readonly score?: number }): number =>
    meritOf(flawOf(speech, text), speech.score);
  let best = await speaker.speak({ ...request, seed });
  for (let attempt = 1; attempt <= most && flawOf(best, text); attempt++) {
    const speech = await speaker.speak({ ...request, seed: seed + attempt });
    if (merit(speech) > merit(best)) best = speech;
  }
  return best;
}

/** Nobody speaks so fast, not even auctioneers. */
const mostCharactersPerSecond = 40;

/** What is wrong with the speech of a text, as far as that can be told without listening. */
export function flawOf({ audio, ...generated }: Speech, text: string): SpeechFlaw | undefined {
  const seconds = audio.samples.length / audio.sampleRateHz;
  return (
    codesFlaw(generated) ??
    (heardText(text).length > mostCharactersPerSecond * seconds ? "hurried" : undefined)
  );
}

/** The same of codes alone. */
export function codesFlaw({ codes, stopped }: Generated): SpeechFlaw | undefined {
  if (repeats(codes)) return "repeats"; // A loop mostly ends at the most codes there may be, and is worse than a cut.
  return stopped ? undefined : "unfinished";
}

/** Times that a stretch follows itself before it is a loop: people say "no, no, no". */
const loopTimes = 4;

/** Different codes that a stretch has before it is sound rather than silence, of which codes repeat. */
const soundCodes = 3;

/** Whether codes say a stretch of up to 3 s again and again. */
export function repeats(codes: ArrayLike<number>): boolean {
  for (let period = soundCodes; period <= 64; period++) {
    let run = 0;
    for (let i = period; i < codes.length; i++) {
      run = codes[i] === codes[i - period] ? run + 1 : 0;
      if (run < (loopTimes - 1) * period) continue;
      const stretch = Array.from({ length: period }, (_, j) => codes[i - j]);
      if (new Set(stretch).size >= soundCodes) return true;
    }
  }
  return false;
}
