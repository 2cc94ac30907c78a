export { type Audio, type DecodedAudio, type DecodeOptions, toMono } from "./audio.js";
export { AudioError } from "./audio-error.js";
export { encodeWav } from "./encode-wav.js";
export { type MelFilterbankOptions, melFilterbank } from "./mel-filterbank.js";
export { MEL_NORMS } from "./mel-norms.js";
export { AR_MEL, arMel, type Mel, TACOTRON_MEL, tacotronMel } from "./mel-spectrogram.js";
export { resample } from "./resample.js";
export { stftMagnitudes } from "./stft.js";
