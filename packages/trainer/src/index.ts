export { type AdamWOptions, adamW } from "./adamw.js";
export { adamW8bit } from "./adamw-8bit.js";
export { type Adapter, type AdapterOptions, initialiseAdapter } from "./adapter.js";
export {
  decodeAdapter,
  type EncodedAdapter,
  encodeAdapter,
  requireBase,
  type SavedAdapter,
} from "./adapter-file.js";
export { applied } from "./apply-adapter.js";
export { type AdapterShare, combineAdapters } from "./combine-adapters.js";
export { combineWeights, type WeightShare } from "./combine-weights.js";
export { type LionOptions, lion } from "./lion.js";
export { merge, mergedLazily } from "./merge-adapter.js";
export { type MovingAverage, movingAverage } from "./moving-average.js";
export type {
  Clip,
  ClipNorm,
  ClipValue,
  DeviceOptimizer,
  Optimizer,
  OptimizerState,
  StepInParts,
  StepOptions,
  StepReport,
} from "./optimizer.js";
export { decayGroups, type ParameterGroup } from "./parameter-groups.js";
export { type RangeTest, type RangeTestOptions, rangeTest } from "./range-test.js";
export { expiredCheckpoints, type KeptCheckpoint, type Retention } from "./retention.js";
export {
  constant,
  cosine,
  cosineRestarts,
  exponential,
  linear,
  linearWarmup,
  multiStepLR,
  type Schedule,
  scaled,
  sequence,
} from "./schedules.js";
export { type SgdOptions, sgd } from "./sgd.js";
export { hasDiverged, type RangePoint, type RateSuggestion, suggestRate } from "./suggest-rate.js";
export {
  type TensorBoardEvent,
  type TensorBoardSound,
  tensorBoardHeader,
  tensorBoardRecord,
} from "./tensorboard/tensorboard.js";
export { train } from "./train.js";
export type {
  Accumulation,
  Batches,
  BestOptions,
  CountedMean,
  Evaluation,
  Losses,
  LossProgram,
  TrainOptions,
} from "./train-options.js";
export { TrainingError } from "./training-error.js";
export type * from "./training-events.js";
export {
  type BestState,
  decodeTrainingState,
  type EncodedTrainingState,
  encodeTrainingState,
  type TrainingState,
} from "./training-state.js";
export { weightsHash } from "./weights-hash.js";
