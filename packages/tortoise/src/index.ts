export { type AdaptDecoderOptions, adaptDecoder } from "./adapt-decoder.js";
export {
  type EncodeEvent,
  type FinetuneEvent,
  type FinetuneOptions,
  finetune,
  type SplitEvent,
  type WarningEvent,
} from "./finetune.js";
export {
  disposeModel,
  loadModel,
  type Model,
  type ModelSettings,
  modelFiles,
  settingsKey,
} from "./model.js";
export { type SpeakOptions, type Speech, speak } from "./speak.js";
export { conditioningFrames, conditioningWindow } from "./voice.js";
