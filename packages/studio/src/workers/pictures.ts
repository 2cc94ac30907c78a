import { arMel } from "@hawksbill/audio";
import { interpolateMagma } from "d3-scale-chromatic";
import type { ClipPicture, MelPicture } from "../clips.js";

const rateHz = 22_050;
/** Parts of a wave: more than a phone has pixels for. */
const waveParts = 400;
/** From the darkest to the brightest colour: below that nothing of speech is heard. */
const rangeDecibels = 60;

/** A waveform at 22,050 Hz, to look at. */
export function clipPicture(samples: Float32Array): ClipPicture {
  return { wave: wavePicture(samples), mel: melPicture(samples), seconds: samples.length / rateHz };
}

/** The lowest and the highest sample of each part, [parts, 2]. */
export function wavePicture(samples: Float32Array, parts = waveParts): Float32Array {
  const wave = new Float32Array(2 * parts);
  for (let part = 0; part < parts; part++) {
    const start = Math.floor((part * samples.length) / parts);
    const end = Math.max(start + 1, Math.floor(((part + 1) * samples.length) / parts));
    const own = samples.subarray(start, end);
    wave[2 * part] = own.reduce((a, b) => Math.min(a, b), 0);
    wave[2 * part + 1] = own.reduce((a, b) => Math.max(a, b), 0);
  }
  return wave;
}

/** Magma, a map whose brightness rises evenly to the eye, colour-blind ones too; [256 · 4]. */
const colors = magma();

function magma(): Uint8ClampedArray {
  const table = new Uint8ClampedArray(256 * 4);
  for (let i = 0; i < 256; i++) {
    const rgb = Number.parseInt(interpolateMagma(i / 255).slice(1), 16);
    table.set([rgb >> 16, (rgb >> 8) & 255, rgb & 255, 255], 4 * i);
  }
  return table;
}

/** The mel spectrogram that the models hear, 60 dB from the loudest down. */
export function melPicture(samples: Float32Array): MelPicture {
  const { data, bands, frames } = arMel(samples, { melNorms: null });
  const high = data.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const low = high - (rangeDecibels / 10) * Math.LN10;
  const rgba = new Uint8ClampedArray(4 * bands * frames);
  for (let band = 0; band < bands; band++)
    for (let frame = 0; frame < frames; frame++) {
      const value = data[band * frames + frame] ?? low;
      const color = 4 * Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low))));
      rgba.set(colors.subarray(color, color + 4), 4 * ((bands - 1 - band) * frames + frame));
    }
  return { width: frames, height: bands, rgba };
}
