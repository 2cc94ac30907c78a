import { AR_MEL, TACOTRON_MEL } from "@hawksbill/audio";
import type { Weights } from "@hawksbill/core";
import type { Clip } from "@hawksbill/dataset";
import { inferDiffusionConfig } from "@hawksbill/diffusion";
import { framesPerCode } from "@hawksbill/dvae";
import { diffusionRate } from "./diffusion-training/finetune-diffusion.js";
import type { Model } from "./model.js";
import type { DatasetFacts, ModelFacts } from "./plan.js";
import { hearingOf } from "./voice.js";

/** What `plan` asks of a model. */
export function modelFacts(model: Model): ModelFacts {
  const { config, dvaeConfig, unifiedVoice, settings } = model;
  const { layers, modelDim, heads, melCodes: codes } = config;
  const samplesPerCode = framesPerCode(dvaeConfig) * AR_MEL.hopSamples;
  return {
    parameters: Object.values(unifiedVoice).reduce((sum, { size }) => sum + size, 0),
    layers,
    modelDim,
    heads,
    codes,
    codesPerSecond: AR_MEL.sampleRateHz / samplesPerCode,
    conditioning: { blocks: config.conditioningBlocks, frames: hearingOf(model).frames },
    ...(settings.learningRate === undefined ? {} : { learningRate: settings.learningRate }),
  };
}

/** The same of a diffusion decoder: its blocks run over frames, of which a second has 93.75. */
export function diffusionFacts(weights: Weights): ModelFacts {
  const { layers, modelChannels, heads, bands } = inferDiffusionConfig(weights);
  const { sampleRateHz, hopSamples } = TACOTRON_MEL;
  return {
    parameters: Object.values(weights).reduce((sum, { size }) => sum + size, 0),
    layers: layers + 6, // Three more blocks come before them, three behind.
    modelDim: modelChannels,
    heads,
    codes: 2 * bands,
    codesPerSecond: sampleRateHz / hopSamples,
    usualRate: {
      value: diffusionRate,
      why: `full fine-tuning of the released decoder had ${diffusionRate} in DL-Art-School's example`,
    },
  };
}

/** What `plan` asks of the clips that are trained on. */
export function datasetFacts(clips: readonly Pick<Clip, "seconds" | "tokens">[]): DatasetFacts {
  const longest = (lengths: number[]): number => lengths.reduce((a, b) => Math.max(a, b), 0);
  return {
    clips: clips.length,
    longestSeconds: longest(clips.map(({ seconds }) => seconds)),
    longestText: longest(clips.map(({ tokens }) => tokens.length)),
  };
}
