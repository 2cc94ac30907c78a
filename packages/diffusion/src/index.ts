export { alignedEmbedding, type Speech, unconditionedEmbedding } from "./align.js";
export { conditioningLatent, contextualEmbedder } from "./conditioning-latent.js";
export { type DiffusionConfig, diffusionShapes, inferDiffusionConfig } from "./config.js";
export { type DenoiseInputs, denoise, denoiserMatrices } from "./denoise.js";
export { Diffusion, type DiffusionOptions } from "./diffusion.js";
export { guidedDenoise } from "./guided-denoise.js";
export { initialiseDiffusion } from "./initialise-diffusion.js";
export {
  type DiffusionBatch,
  type DiffusionLosses,
  type DiffusionLossOptions,
  diffusionLosses,
  type TrainingTimesteps,
  trainingTimesteps,
} from "./losses.js";
export { toLogMel } from "./mel.js";
export { runSampler, type SamplerRun } from "./run-sampler.js";
export {
  framesFor,
  type Noise,
  plannedSteps,
  type SampleOptions,
  type SampleProgress,
} from "./sample-options.js";
export { type Sampler, type SamplerOptions, type SamplerStep, samplerSteps } from "./samplers.js";
export { respace, type Schedule, trainedSchedule } from "./schedule.js";
export { modulations, timestepFeatures } from "./timesteps.js";
