export { type GriffinLimOptions, griffinLim } from "./griffin-lim.js";
export { invertMel } from "./invert-mel.js";
export { VocoderError } from "./vocoder-error.js";
