export {
  type Batch,
  type BatchOptions,
  type ConditioningMel,
  makeBatch,
  type Recipe,
  type TrainingItem,
} from "./batch.js";
export { conditioningEncoder } from "./conditioning-encoder.js";
export {
  inferConfig,
  type UnifiedVoiceConfig,
  unifiedVoiceConfig,
  weightShapes,
} from "./config.js";
export { type GptOptions, gpt } from "./gpt.js";
export { initialise } from "./initialise.js";
export { type Losses, type LossOptions, trainingLosses } from "./training-losses.js";
export { UnifiedVoiceError } from "./unified-voice-error.js";
