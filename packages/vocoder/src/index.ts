export { type GriffinLimOptions, griffinLim } from "./griffin-lim.js";
export { VocoderError } from "./vocoder-error.js";
