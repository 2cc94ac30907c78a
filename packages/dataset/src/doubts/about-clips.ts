import type { ExaminedClip } from "../examine-dataset.js";
import type { Problem } from "../problem.js";
import { doubt, median } from "./doubt.js";

/** Clips whose sound, or whose text beside their sound, is unusual. */
export function doubtsAboutClips(clips: readonly ExaminedClip[]): Problem[] {
  const usualDb = median(clips.map(({ measures }) => measures.speechDb));
  const usual = usualRate(clips);
  return clips.flatMap((clip) => [
    ...aboutSound(clip),
    ...aboutEnds(clip),
    ...aboutLoudness(clip, usualDb),
    ...aboutText(clip, usual),
  ]);
}

/** Where a clip has no pause at all, its noise seems louder than it is: studios have 50 dB, phones 25. */
const leastSpeechOverNoiseDb = 20;
/** Above this there is half of what tells s from f. */
const leastBandwidthHz = 5000;
/** A tenth of the usual loudness: what a recorder that is not adjusted adds. */
const mostOffset = 0.02;

function aboutSound(clip: ExaminedClip): Problem[] {
  const { measures } = clip;
  const found: Problem[] = [];
  if (measures.clippedSamples > 0)
    found.push(
      doubt(
        clip,
        "clipping",
        `is clipped at ${measures.clippedSamples} samples`,
        "record it again at a lower level, or take it out if it crackles",
      ),
    );
  const over = measures.speechDb - measures.noiseDb;
  if (over < leastSpeechOverNoiseDb)
    found.push(
      doubt(
        clip,
        "noise",
        `has a noise only ${over.toFixed(0)} dB below the speech`,
        "the voice learns the noise, too: clean it, or take it out",
      ),
    );
  if (measures.bandwidthHz < leastBandwidthHz)
    found.push(
      doubt(
        clip,
        "narrow-band",
        `has nothing above ${(measures.bandwidthHz / 1000).toFixed(1)} kHz (the file's rate is ${measures.sampleRateHz} Hz)`,
        "use a better copy if there is one; the voice will sound as dull",
      ),
    );
  if (Math.abs(measures.offset) > mostOffset)
    found.push(
      doubt(
        clip,
        "offset",
        `has a wave that is off zero by ${measures.offset.toFixed(2)}`,
        "take the offset off, e.g. ffmpeg -i in.wav -af highpass=f=20 out.wav",
      ),
    );
  if (measures.hasSilentChannel)
    found.push(
      doubt(clip, "silent-channel", "has a silent channel, which is passed over", "nothing to do"),
    );
  return found;
}

/** More is learnt as a habit of pausing. */
const mostEdgeSeconds = 0.8;
const mostPauseSeconds = 1.5;
/** Louder than this at the very end, a word is going on; a voice takes longer to fall silent. */
const leastDropDb = 20;
/** Where there is no pause quieter than that, nothing can be said of the ends. */
const leastContrastDb = 25;

function aboutEnds(clip: ExaminedClip): Problem[] {
  const { measures } = clip;
  const { silenceBeforeSeconds: before, silenceAfterSeconds: after, pauseSeconds } = measures;
  const found: Problem[] = [];
  if (before > mostEdgeSeconds || after > mostEdgeSeconds)
    found.push(
      doubt(
        clip,
        "edge-silence",
        `has ${before.toFixed(1)} s of silence before and ${after.toFixed(1)} s after the speech`,
        "trim it: endings are learnt from it",
      ),
    );
  if (pauseSeconds > mostPauseSeconds)
    found.push(
      doubt(
        clip,
        "long-pause",
        `has a pause of ${pauseSeconds.toFixed(1)} s`,
        "cut it there into two clips, each with its own text",
      ),
    );
  if (measures.speechDb - measures.noiseDb < leastContrastDb) return found;
  const ends = [
    ...(measures.startsBelowDb < leastDropDb ? ["begins"] : []),
    ...(measures.endsBelowDb < leastDropDb ? ["ends"] : []),
  ];
  if (ends.length > 0)
    found.push(
      doubt(
        clip,
        "cut-off",
        `${ends.join(" and ")} in the middle of a sound`,
        "listen to it; cut it again with a tenth of a second more, or take it out",
      ),
    );
  return found;
}

const mostLoudnessDifferenceDb = 12;

function aboutLoudness(clip: ExaminedClip, usualDb: number): Problem[] {
  const difference = clip.measures.speechDb - usualDb;
  if (Math.abs(difference) <= mostLoudnessDifferenceDb) return [];
  const how = difference < 0 ? "quieter" : "louder";
  return [
    doubt(
      clip,
      "loudness",
      `is ${Math.abs(difference).toFixed(0)} dB ${how} than most clips`,
      "bring all to one loudness",
    ),
  ];
}

/** Characters a second of speech. */
function rateOf({ characterCount, seconds, measures }: ExaminedClip): number {
  const { silenceBeforeSeconds, silenceAfterSeconds } = measures;
  return characterCount / Math.max(0.1, seconds - silenceBeforeSeconds - silenceAfterSeconds);
}

/** The usual rate of speech, and how far from it is still usual, both as logarithms. */
function usualRate(clips: readonly ExaminedClip[]): {
  readonly middle: number;
  readonly width: number;
} {
  const rates = clips.map((clip) => Math.log(rateOf(clip)));
  const middle = median(rates);
  const spread = 1.4826 * median(rates.map((rate) => Math.abs(rate - middle))); // A standard deviation.
  return { middle, width: Math.max(Math.log(leastFactor), 3.5 * spread) };
}

/** Some sentences are spoken half as fast as others, and hardly any more slowly. */
const leastFactor = 2;
/** Nobody speaks as fast, or as slowly, in any language that is written in letters. */
const fastest = 45;
const slowest = 1;

function aboutText(
  clip: ExaminedClip,
  { middle, width }: { readonly middle: number; readonly width: number },
): Problem[] {
  const rate = rateOf(clip);
  const off = Math.log(rate) - middle;
  const reason = `has ${clip.characterCount} characters in ${clip.seconds.toFixed(1)} s, ${rate.toFixed(0)} a second where ${Math.exp(middle).toFixed(0)} are usual`;
  const advice = "listen whether the text is what is said";
  if (off > width || rate > fastest) return [doubt(clip, "text-too-long", reason, advice)];
  if (off < -width || rate < slowest) return [doubt(clip, "text-too-short", reason, advice)];
  return [];
}
