import type { ExaminedClip } from "../examine-dataset.js";
import type { Problem } from "../problem.js";
import { doubt, doubtAboutAll } from "./doubt.js";

/** What is doubtful about a dataset as a whole. */
export function doubtsAboutWhole(clips: readonly ExaminedClip[]): Problem[] {
  return [...aboutAmount(clips), ...aboutRates(clips), ...aboutSpeakers(clips)];
}

/** Below this users of every fine-tuning tool report voices that are hardly like the speaker's. */
const leastSeconds = 120;

function aboutAmount(clips: readonly ExaminedClip[]): Problem[] {
  const seconds = total(clips);
  if (clips.length === 0 || seconds >= leastSeconds) return [];
  return [
    doubtAboutAll(
      "little-speech",
      `there are ${seconds.toFixed(0)} s of speech`,
      "two minutes are the least for a voice, ten are better",
    ),
  ];
}

function aboutRates(clips: readonly ExaminedClip[]): Problem[] {
  const [first, ...others] = clips.map(({ measures }) => measures.sampleRateHz);
  if (others.every((rate) => rate === first)) return [];
  return [
    doubtAboutAll(
      "mixed-rates",
      `there are files of ${ratesOf(clips)}`,
      "all are brought to 22050 Hz, but those of low rates stay dull; use one source if you can",
    ),
  ];
}

/** `44100 Hz (12), 16000 Hz (3)`: the rates of the files, the commonest first, with counts where there are several. */
export function ratesOf(clips: readonly Pick<ExaminedClip, "measures">[]): string {
  const counts = new Map<number, number>();
  for (const { measures } of clips)
    counts.set(measures.sampleRateHz, (counts.get(measures.sampleRateHz) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([rate, count]) => (counts.size === 1 ? `${rate} Hz` : `${rate} Hz (${count})`))
    .join(", ");
}

/** From there on users report that all voices drift to the one. */
const mostShare = 0.7;

function aboutSpeakers(clips: readonly ExaminedClip[]): Problem[] {
  const bySpeaker = new Map<string, ExaminedClip[]>();
  for (const clip of clips) {
    const own = bySpeaker.get(clip.speaker ?? "");
    if (own) own.push(clip);
    else bySpeaker.set(clip.speaker ?? "", [clip]);
  }
  return [...bySpeaker].flatMap(([speaker, own]) => {
    const name = speaker === "" ? "the speaker" : `speaker ${speaker}`;
    const share = total(own) / total(clips);
    const [only] = own;
    if (own.length === 1 && only)
      return [
        doubt(
          only,
          "lonely-clip",
          `is the only clip of ${name}, and would be its own example of the voice`,
          "add another one, or take it out",
        ),
      ];
    if (bySpeaker.size === 1 || share <= mostShare) return [];
    const reason = `${name} has ${(100 * share).toFixed(0)} % of the speech of ${bySpeaker.size} speakers`;
    return [doubtAboutAll("one-speaker-rules", reason, "balance speakers in training")];
  });
}

function total(clips: readonly ExaminedClip[]): number {
  return clips.reduce((sum, { seconds }) => sum + seconds, 0);
}
