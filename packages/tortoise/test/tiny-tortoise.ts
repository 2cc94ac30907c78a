import { type ClvpConfig, clvpShapes, cvvpShapes } from "@hawksbill/clvp";
import { Random, type Shape, type Tensor, type Weights } from "@hawksbill/core";
import { initialiseDiffusion } from "@hawksbill/diffusion";
import { trainTokenizer } from "@hawksbill/text";
import type { TortoiseSettings } from "@hawksbill/tortoise";
import { initialise, randomLatentShapes, unifiedVoiceConfig } from "@hawksbill/unified-voice";
import { hifiganShapes, univnetShapes } from "@hawksbill/vocoder";

/** A vocabulary of letters and little more. */
export const tokenizer = trainTokenizer(
  ["the quick brown fox jumps over the lazy dog, and naps."],
  {
    vocabularySize: 31,
  },
);

/** Silence among the 64 codes of the tiny models. */
export const settings: Partial<TortoiseSettings> = { silence: { calm: 7, ending: [3, 3, 9] } };

/** UnifiedVoice's sizes. */
const configOf = (codes: number) =>
  unifiedVoiceConfig({
    layers: 1,
    modelDim: 64,
    textTokens: tokenizer.vocabularySize + 1,
    melCodes: codes + 2,
    maxTextTokens: 40,
    maxMelTokens: 40,
  });

export const config = configOf(64);

/** TorToiSe's networks, tiny and with random weights. */
export function tinyWeights({ codes = 64 } = {}) {
  const random = new Random(1);
  const config = configOf(codes);
  const autoregressive = initialise(config, random);
  const speech = { numTextTokens: config.textTokens, numSpeechTokens: codes };
  const judge: ClvpConfig = {
    ...speech,
    dimText: 16,
    dimSpeech: 16,
    dimLatent: 8,
    textEncDepth: 1,
    speechEncDepth: 1,
    textHeads: 1,
    speechHeads: 1,
    textFf: 16,
    speechFf: 16,
  };
  return {
    autoregressive,
    diffusion: initialiseDiffusion(
      { bands: 100, modelChannels: 16, heads: 2, layers: 1, latentChannels: 64, tokens: codes + 2 },
      random,
    ),
    vocoder: drawn(
      univnetShapes({
        bands: 100,
        noiseDim: 4,
        channels: 2,
        predictorDim: 4,
        predictorKernel: 3,
        kernelSize: 3,
        strides: [8, 8, 4],
        dilations: [1, 3, 9, 27],
        slope: 0.2,
      }),
      random,
    ),
    clvp: drawn(clvpShapes(judge), random),
    cvvp: drawn(
      cvvpShapes({
        modelDim: 32,
        latentDim: 8,
        melBands: 80,
        melCodes: codes,
        conditioningEncDepth: 1,
        speechEncDepth: 1,
        conditioningHeads: 1,
        speechHeads: 1,
        conditioningFf: 16,
        speechFf: 16,
      }),
      random,
    ),
    hifiganDecoder: drawn(
      hifiganShapes({
        latentDim: 64,
        speakerDim: 64,
        channels: 16,
        strides: [8, 8, 2, 2],
        kernelSizes: [3],
        dilations: [1],
      }),
      random,
    ),
    randomAutoregressive: drawn(randomLatentShapes(64), random),
    randomDiffusion: drawn(randomLatentShapes(32), random),
  };
}

/** Numbers of about the size that keeps a network's states near 1. */
function drawn(shapes: Readonly<Record<string, Shape>>, random: Random): Weights {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, weight(shape, random)]),
  );
}

function weight(shape: Shape, random: Random): Tensor {
  const x = random.normal(shape);
  const data = x.dataSync();
  const inputs = shape.slice(1).reduce((a, b) => a * b, 1);
  for (let i = 0; i < data.length; i++) data[i] = Number(data[i]) / Math.sqrt(inputs);
  return x;
}
