export { type GriffinLimOptions, griffinLim } from "./griffin-lim.js";
export { HifiganDecoder, type HifiganOptions } from "./hifigan.js";
export {
  type HifiganConfig,
  type HifiganSettings,
  hifiganHop,
  hifiganShapes,
  inferHifiganConfig,
} from "./hifigan-config.js";
export { hifiganFrames } from "./hifigan-frames.js";
export { hifigan, latentFrames } from "./hifigan-model.js";
export { Univnet, type UnivnetOptions } from "./univnet.js";
export {
  inferUnivnetConfig,
  type UnivnetConfig,
  type UnivnetSettings,
  univnetHop,
  univnetShapes,
} from "./univnet-config.js";
export { univnet, univnetInference } from "./univnet-model.js";
export { VocoderError } from "./vocoder-error.js";
export { foldWeightNorm } from "./weight-norm.js";
