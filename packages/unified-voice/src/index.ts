export {
  type Batch,
  type BatchOptions,
  makeBatch,
  type Recipe,
  type TrainingItem,
} from "./batch.js";
export { type CodeMetrics, codeMetrics } from "./code-metrics.js";
export { conditioningEncoder } from "./conditioning-encoder.js";
export {
  inferConfig,
  type UnifiedVoiceConfig,
  unifiedVoiceConfig,
  weightShapes,
} from "./config.js";
export { corruptCodes } from "./corrupt-codes.js";
export { Decoder, type DecoderOptions, type Decoding, type StepOutput } from "./decoder.js";
export { dropConditioning } from "./drop-conditioning.js";
export { dropoutNoise } from "./dropout-noise.js";
export type { Prompt } from "./embeddings.js";
export {
  type Generated,
  type GenerateOptions,
  type GenerateProgress,
  generate,
  generateSteps,
  type SpokenCode,
} from "./generate.js";
export { type Dropout, type DropoutNoise, type GptOptions, gpt } from "./gpt.js";
export { initialise } from "./initialise.js";
export { type InputRow, type Inputs, inputRow, inputTables } from "./inputs.js";
export { latents } from "./latents.js";
export { type ExportOptions, exportStateDict } from "./layouts/export-state-dict.js";
export {
  type ImportedStateDict,
  importStateDict,
  type LayoutChange,
} from "./layouts/import-state-dict.js";
export type { Layout } from "./layouts/layout.js";
export type { Likelihood } from "./likelihood.js";
export {
  RandomLatentConverter,
  randomLatentShapes,
  randomLatents,
} from "./random-latent-converter.js";
export { checkSampling, draw, largest, processLogits, type SamplingOptions } from "./sampling.js";
export { type TargetCounts, targetCounts } from "./target-counts.js";
export { type ChainLosses, trainingChain } from "./training-chain.js";
export { type Losses, type LossOptions, trainingLosses } from "./training-losses.js";
export { type MeasuredLosses, UnifiedVoice } from "./unified-voice.js";
export { UnifiedVoiceError } from "./unified-voice-error.js";
