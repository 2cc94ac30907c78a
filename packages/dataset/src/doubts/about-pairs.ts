import type { ExaminedClip } from "../examine-dataset.js";
import type { Problem } from "../problem.js";
import { doubt } from "./doubt.js";

/** Clips that are there twice: their sound, or their text by the same speaker. */
export function doubtsAboutPairs(clips: readonly ExaminedClip[]): Problem[] {
  const copies = copiesOf(clips);
  const found = clips.flatMap((clip) => {
    const original = copies.get(clip);
    return original ? [aboutCopy(clip, original)] : [];
  });
  const first = new Map<string, ExaminedClip>();
  for (const clip of clips) {
    const key = JSON.stringify([clip.speaker, clip.text.replace(/\s+/g, " ").toLowerCase()]);
    const earlier = first.get(key);
    if (!earlier) first.set(key, clip);
    else if (!copies.has(clip))
      found.push(
        doubt(
          clip,
          "same-text",
          `has the text of ${earlier.id}`,
          "correct one of them, unless it was read twice",
        ),
      );
  }
  return found;
}

function aboutCopy(clip: ExaminedClip, original: ExaminedClip): Problem {
  if ((clip.split ?? "training") !== (original.split ?? "training"))
    return doubt(
      clip,
      "split-leak",
      `is the recording of ${original.id}, which is in the other part of the dataset`,
      "take one of them out, or what is measured has been learnt",
    );
  const isSame = clip.hash === original.hash;
  return doubt(
    clip,
    "same-sound",
    `is ${isSame ? "the recording" : "nearly the recording"} of ${original.id}${clip.text === original.text ? "" : ", with another text"}`,
    "take one of them out",
  );
}

/** Copies of one recording last as long; encoders add some hundredths of a second. */
const mostDifferenceSeconds = 0.06;
/** Two readings of one sentence come to 0.95 at most; copies in another format to 0.999. */
const leastCorrelation = 0.99;

/** Each clip that is a copy, and the first one of its recording. */
function copiesOf(clips: readonly ExaminedClip[]): Map<ExaminedClip, ExaminedClip> {
  const order = new Map(clips.map((clip, i) => [clip, i]));
  const byLength = clips.toSorted((a, b) => a.seconds - b.seconds);
  const originals = new Map<ExaminedClip, ExaminedClip>();
  for (const [i, clip] of byLength.entries())
    for (const other of byLength.slice(i + 1, i + 1 + mostNeighbours)) {
      if (other.seconds - clip.seconds > mostDifferenceSeconds) break;
      if (!isCopy(clip, other)) continue;
      const isLater = (order.get(other) ?? 0) > (order.get(clip) ?? 0);
      const [first, copy] = isLater ? [clip, other] : [other, clip];
      if (!originals.has(copy)) originals.set(copy, originals.get(first) ?? first);
    }
  return originals;
}

/** Clips of one length that are compared: bounds the time for a dataset cut to a fixed length. */
const mostNeighbours = 400;

function isCopy(a: ExaminedClip, b: ExaminedClip): boolean {
  if (a.hash === b.hash) return true;
  if (a.path === b.path) return false; // Two parts of one recording.
  const other = b.measures.shape;
  const correlation = a.measures.shape.reduce((sum, x, i) => sum + x * (other[i] as number), 0);
  return correlation > leastCorrelation;
}
