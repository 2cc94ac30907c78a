import { AR_MEL, MEL_FLOOR, MEL_NORMS, type Mel } from "@hawksbill/audio";
import type { Random } from "@hawksbill/core";
import type { Model } from "./model.js";
import { autoregressiveClip } from "./voices/conditioning-mels.js";

/** What a model hears of each clip of a voice, in training as in speaking: clips of one length share a batch. */
export interface Hearing {
  readonly frames: number;
  /** What is heard behind a shorter clip: its beginning again, or silence. */
  readonly behind: "itself" | "silence";
}

/** Hawksbill's small models: 1.5 s. What they learn of little speech, silence would change. */
const smallHearing: Hearing = { frames: 128, behind: "itself" };

/** TorToiSe's UnifiedVoice: 6 s, as `autoregressiveMel` gives them. */
const tortoiseHearing: Hearing = {
  frames: 1 + Math.floor(autoregressiveClip.samples / AR_MEL.hopSamples),
  behind: "silence",
};

/** What a model hears: Hawksbill's small ones are those that bring a learning rate of their own. */
export function hearingOf({ settings }: Pick<Model, "settings">): Hearing {
  return settings.learningRate === undefined ? tortoiseHearing : smallHearing;
}

/** Frames of a conditioning clip of Hawksbill's small models: 1.5 seconds. */
export const conditioningFrames = smallHearing.frames;

/**
 * A stretch of a clip to condition on.
 *
 * @param options.hearing Default that of Hawksbill's small models.
 * @param options.random Chooses where it begins; default at the start.
 */
export function conditioningWindow(
  mel: Mel,
  options: { readonly hearing?: Hearing; readonly random?: Random } = {},
): Mel {
  const { hearing = smallHearing, random } = options;
  const { bands, frames, data } = mel;
  const { frames: length, behind } = hearing;
  const start = random ? random.integer(Math.max(1, frames - length + 1)) : 0;
  const window = new Float32Array(bands * length);
  for (let band = 0; band < bands; band++)
    for (let t = 0; t < length; t++) {
      const from = start + t;
      const isThere = from < frames || behind === "itself";
      window[band * length + t] = isThere
        ? (data[band * frames + (from % frames)] as number)
        : silence(band);
    }
  return { data: window, bands, frames: length };
}

/** A band of the mel of silence. */
function silence(band: number): number {
  return Math.log(MEL_FLOOR) / (MEL_NORMS[band] as number);
}
