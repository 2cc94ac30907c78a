import type { Generated } from "@hawksbill/unified-voice";
import { codesFlaw, meritOf } from "../read-flaws.js";
import { TortoiseError } from "../tortoise-error.js";
import type { VoiceLatents } from "../voices/voice-latents.js";
import type { Job } from "./job.js";
import type { SpeechPlan } from "./speech-plan.js";
import type { Stages } from "./stages.js";

/** What candidates are judged by. */
interface Judged {
  /** With one stop token. */
  readonly tokens: readonly number[];
  readonly voice: VoiceLatents;
  /** Of one length. */
  readonly codes: readonly Int32Array[];
}

/**
 * How good each candidate is, the higher the better: how well it says the text (CLVP) and, if asked for, how well it
 * matches the voice (CVVP).
 *
 * @throws {TortoiseError} CVVP is asked for, and there are no clips of the voice.
 */
export async function score(
  { tokens, voice, codes }: Judged,
  { cvvpAmount }: Pick<SpeechPlan, "cvvpAmount">,
  { stages, job }: { readonly stages: Stages; readonly job: Job },
): Promise<Float32Array> {
  const judges = Number(cvvpAmount < 1) + Number(cvvpAmount > 0);
  let done = 0;
  job.tell("ranking", 0, judges * codes.length);
  const options = {
    ...job.stopping,
    onProgress: () => job.tell("ranking", ++done, judges * codes.length),
  };
  const ofText =
    cvvpAmount < 1
      ? await stages.use("clvp", (clvp) => clvp.similarity(tokens, codes, options))
      : undefined;
  const ofVoice =
    cvvpAmount > 0
      ? await stages.use("cvvp", (cvvp) => cvvp.similarity(melsOf(voice), codes, options))
      : undefined;
  return Float32Array.from(
    codes,
    (_, i) => (ofVoice?.[i] ?? 0) * cvvpAmount + (ofText?.[i] ?? 0) * (1 - cvvpAmount),
  );
}

/**
 * Indices of candidates, the best first: those that the model ended before those that were cut, and these before those
 * that go round in circles, since no score makes up for missing words; of the like, by their scores, of equals the first.
 * Where nothing is wrong with any, the order is TorToiSe's.
 */
export function bestFirst(
  candidates: readonly (Generated & { readonly score?: number })[],
): number[] {
  const merits = candidates.map((candidate) => meritOf(codesFlaw(candidate), candidate.score));
  return [...merits.keys()].sort((a, b) => (merits[b] as number) - (merits[a] as number));
}

/** @throws {TortoiseError} The voice is of latents alone. */
export function melsOf({ mels }: VoiceLatents): NonNullable<VoiceLatents["mels"]> {
  if (mels?.length) return mels;
  throw new TortoiseError(
    "speak: cvvpAmount compares candidates with clips, and this voice is of latents alone; give clips, or leave cvvpAmount out",
  );
}
