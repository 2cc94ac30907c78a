export { type Audio, type DecodedAudio, type DecodeOptions, toMono } from "./audio.js";
export { AudioError } from "./audio-error.js";
export { decodeAudio, decodeMono } from "./decode-audio.js";
export { decodeWav } from "./decode-wav.js";
export { encodeWav, type WavBits } from "./encode-wav.js";
export { type MelFilterbankOptions, melFilterbank } from "./mel-filterbank.js";
export { MEL_NORMS } from "./mel-norms.js";
export {
  AR_MEL,
  arMel,
  MEL_FLOOR,
  type Mel,
  TACOTRON_MEL,
  TACOTRON_RANGE,
  tacotronMel,
} from "./mel-spectrogram.js";
export { type LoudnessOptions, normaliseLoudness } from "./normalise-loudness.js";
export { resample } from "./resample.js";
export { inverseStft, type Spectrum, type StftOptions, stft } from "./stft.js";
export { type TrimOptions, trimSilence } from "./trim-silence.js";
