export { type AdamWOptions, adamW } from "./adamw.js";
export { gradNorm } from "./gradient-norm.js";
export type { Clip, Optimizer, OptimizerState, StepOptions, StepReport } from "./optimizer.js";
export { decayGroups, type ParameterGroup } from "./parameter-groups.js";
export { constant, cosine, linearWarmup, multiStepLR, type Schedule } from "./schedules.js";
export { TrainingError } from "./training-error.js";
export type { TrainingState } from "./training-state.js";
