import {
  AR_MEL,
  type Audio,
  inverseStft,
  MEL_NORMS,
  type Mel,
  type Spectrum,
  stft,
} from "@hawksbill/audio";
import { Random } from "@hawksbill/core";
import { invertMel } from "./invert-mel.js";
import { VocoderError } from "./vocoder-error.js";

export interface GriffinLimOptions {
  /** More are slower and sound less hollow; default 60. */
  readonly iterations?: number;
  /** Of the accelerated method (Perraudin et al., 2013), 0 (the plain method) to 1; default 0.99. */
  readonly momentum?: number;
  /** Of the phases to begin with; default 0. */
  readonly seed?: number;
  /** What the mel's bands were divided by; default the released numbers, null if by nothing. */
  readonly melNorms?: Float32Array | null;
}

/**
 * A waveform whose mel spectrogram is the one given, found without any weights: magnitudes come from
 * the mel, phases from going back and forth between waveform and spectrogram.
 *
 * @param mel As `arMel` of @hawksbill/audio makes it, [bands=80, frames].
 * @returns (frames - 1) · 256 samples at 22,050 Hz.
 * @throws {VocoderError} The mel has not 80 bands, fewer than 4 frames, or numbers that are not finite.
 * @see Griffin and Lim, "Signal estimation from modified short-time Fourier transform", 1984.
 */
export function griffinLim(mel: Mel, options: GriffinLimOptions = {}): Audio {
  const { iterations = 60, momentum = 0.99, seed = 0, melNorms = MEL_NORMS } = options;
  requireMel(mel);
  const magnitudes = invertMel(mel, melNorms);
  const { frames } = mel;
  const bins = AR_MEL.fftSize / 2 + 1;
  const real = new Float32Array(magnitudes.length);
  const imaginary = new Float32Array(magnitudes.length);
  const spectrum: Spectrum = { real, imaginary, frames, bins };
  const random = new Random(seed);
  for (let i = 0; i < magnitudes.length; i++) {
    const angle = 2 * Math.PI * random.next();
    real[i] = (magnitudes[i] ?? 0) * Math.cos(angle);
    imaginary[i] = (magnitudes[i] ?? 0) * Math.sin(angle);
  }
  let before: Spectrum | undefined;
  for (let iteration = 0; iteration < iterations; iteration++) {
    const now = stft(inverseStft(spectrum));
    const last = before ?? now;
    // Go on a little in the direction of the last change, then keep the phases and put the magnitudes back.
    for (let i = 0; i < magnitudes.length; i++) {
      const re = (now.real[i] ?? 0) + momentum * ((now.real[i] ?? 0) - (last.real[i] ?? 0));
      const im =
        (now.imaginary[i] ?? 0) + momentum * ((now.imaginary[i] ?? 0) - (last.imaginary[i] ?? 0));
      const scale = (magnitudes[i] ?? 0) / (Math.sqrt(re * re + im * im) + 1e-12);
      real[i] = re * scale;
      imaginary[i] = im * scale;
    }
    before = now;
  }
  const samples = inverseStft(spectrum).map((x) => Math.max(-1, Math.min(1, x)));
  return { samples, sampleRateHz: AR_MEL.sampleRateHz };
}

function requireMel({ data, bands, frames }: Mel): void {
  if (bands !== AR_MEL.bands || frames < 4 || data.length !== bands * frames)
    throw new VocoderError(
      `griffinLim: the mel has ${bands} bands, ${frames} frames and ${data.length} numbers; give ${AR_MEL.bands} bands, 4 frames or more, and bands · frames numbers`,
    );
  const bad = data.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0)
    throw new VocoderError(
      `griffinLim: the mel is ${data[bad]} in band ${Math.floor(bad / frames)}, frame ${bad % frames}; give finite numbers`,
    );
}
