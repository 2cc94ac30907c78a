import { AR_MEL, arMel, type Mel } from "@hawksbill/audio";
import { interpolateMagma } from "d3-scale-chromatic";
import { encode } from "fast-png";

/** Natural log of mel power of a waveform at 22,050 Hz, [bands=80, frames]. */
export function pictureMel(samples: Float32Array): Mel {
  return arMel(samples, { melNorms: null });
}

/** What the darkest and the brightest colour stand for, natural log of power. */
export interface ColorRange {
  readonly low: number;
  readonly high: number;
}

/** Decibels from the darkest to the brightest colour: below that nothing of speech is heard. */
export const rangeDecibels = 60;

/** One range for several mels, so that their pictures can be compared: 60 dB below the loudest. */
export function colorRange(mels: readonly Mel[]): ColorRange {
  const high = mels.reduce(
    (most, { data }) => data.reduce((a, b) => Math.max(a, b), most),
    Number.NEGATIVE_INFINITY,
  );
  return { low: high - (rangeDecibels / 10) * Math.LN10, high };
}

/** Magma, a map whose brightness rises evenly to the eye, colour-blind ones too; [256 · 3]. */
const colors = Uint8Array.from({ length: 256 }, (_, i) => i).reduce(
  (table, i) => {
    const rgb = Number.parseInt(interpolateMagma(i / 255).slice(1), 16);
    table.set([rgb >> 16, (rgb >> 8) & 255, rgb & 255], 3 * i);
    return table;
  },
  new Uint8Array(256 * 3),
);

/**
 * A mel spectrogram as a PNG, a pixel a number: time to the right, low bands at the bottom.
 *
 * @param frames How many of its frames to show.
 */
export function melPicture(mel: Mel, { low, high }: ColorRange, frames = mel.frames): Uint8Array {
  const pixels = new Uint8Array(mel.bands * frames * 3);
  for (let band = 0; band < mel.bands; band++)
    for (let frame = 0; frame < frames; frame++) {
      const value = mel.data[band * mel.frames + frame] ?? low;
      const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
      const color = 3 * Math.round(share * 255);
      const pixel = 3 * ((mel.bands - 1 - band) * frames + frame);
      pixels.set(colors.subarray(color, color + 3), pixel);
    }
  return encode({ width: frames, height: mel.bands, data: pixels, channels: 3 });
}

/** How far up a picture a frequency is, 0 to 1. */
export function heightOf(hz: number): number {
  const mel = (f: number): number => 2595 * Math.log10(1 + f / 700);
  const band = (mel(hz) / mel(AR_MEL.maxHz)) * (AR_MEL.bands + 1) - 1; // Bands lie evenly between 0 and the most.
  return (band + 0.5) / AR_MEL.bands;
}

/** Seconds of so many frames. */
export function frameSeconds(frames: number): number {
  return (frames * AR_MEL.hopSamples) / AR_MEL.sampleRateHz;
}
