import type { Mel } from "@hawksbill/audio";
import type { Random } from "@hawksbill/core";

/** Frames of a conditioning clip: 1.5 seconds. */
export const conditioningFrames = 128;

/**
 * A stretch of a clip to condition on, all of one length so that they share a batch: short clips are
 * repeated, since silence behind them would count as part of the voice.
 *
 * @param random Chooses where it begins; default at the start.
 */
export function conditioningWindow(mel: Mel, random?: Random): Mel {
  const { bands, frames, data } = mel;
  const room = Math.max(1, frames - conditioningFrames + 1);
  const start = random ? random.integer(room) : 0;
  const window = new Float32Array(bands * conditioningFrames);
  for (let band = 0; band < bands; band++)
    for (let t = 0; t < conditioningFrames; t++)
      window[band * conditioningFrames + t] = data[band * frames + ((start + t) % frames)] ?? 0;
  return { data: window, bands, frames: conditioningFrames };
}
