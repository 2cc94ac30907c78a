import { AR_MEL, type Audio, type Mel } from "@hawksbill/audio";
import { fade } from "./join-audio.js";

/**
 * What of a decoded mel is sound, without the frames of its last code: of those one alone may be of the clip, and what
 * the dVAE makes of the others is the padding behind the clips that it was trained on, heard as a click of -20 dB.
 *
 * @param framesPerCode Frames that the dVAE makes of a code.
 */
export function withoutPadding(mel: Mel, framesPerCode: number): Mel {
  const { data, bands } = mel;
  if (mel.frames <= framesPerCode) return mel; // One code: nothing would be left.
  const frames = mel.frames - framesPerCode;
  const sound = new Float32Array(bands * frames);
  for (let band = 0; band < bands; band++)
    sound.set(data.subarray(band * mel.frames, band * mel.frames + frames), band * frames);
  return { data: sound, bands, frames };
}

/** Lets the sound of the last code that is left die away, in place: the dVAE blurs some of the padding into it. */
export function fadeLastCode({ samples }: Audio, framesPerCode: number): void {
  fade(samples, "end", Math.min(samples.length, framesPerCode * AR_MEL.hopSamples));
}
