import type { Mel } from "@hawksbill/audio";

/**
 * What of a decoded mel is sound: its last code may stand for one frame alone, and what the dVAE makes of the others is
 * the padding behind the clips that it was trained on, which is noise of -25 dB.
 *
 * @param framesPerCode Frames that the dVAE makes of a code.
 */
export function withoutPadding(mel: Mel, framesPerCode: number): Mel {
  const { data, bands } = mel;
  if (mel.frames <= framesPerCode) return mel; // One code: there would be next to nothing left.
  const frames = mel.frames - (framesPerCode - 1);
  const sound = new Float32Array(bands * frames);
  for (let band = 0; band < bands; band++)
    sound.set(data.subarray(band * mel.frames, band * mel.frames + frames), band * frames);
  return { data: sound, bands, frames };
}
