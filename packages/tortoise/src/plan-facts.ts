import { AR_MEL } from "@hawksbill/audio";
import type { Clip } from "@hawksbill/dataset";
import { framesPerCode } from "@hawksbill/dvae";
import type { Model } from "./model.js";
import type { DatasetFacts, ModelFacts } from "./plan.js";

/** What `plan` asks of a model. */
export function modelFacts({ config, dvaeConfig, unifiedVoice, settings }: Model): ModelFacts {
  const { layers, modelDim, heads, melCodes: codes } = config;
  const samplesPerCode = framesPerCode(dvaeConfig) * AR_MEL.hopSamples;
  return {
    parameters: Object.values(unifiedVoice).reduce((sum, { size }) => sum + size, 0),
    layers,
    modelDim,
    heads,
    codes,
    codesPerSecond: AR_MEL.sampleRateHz / samplesPerCode,
    ...(settings.learningRate === undefined ? {} : { learningRate: settings.learningRate }),
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
