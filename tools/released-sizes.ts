import type { DiffusionConfig } from "@hawksbill/diffusion";
import { unifiedVoiceConfig } from "@hawksbill/unified-voice";

/** The sizes of TorToiSe's released models, for random weights of their shapes. */
export const released = {
  unifiedVoice: unifiedVoiceConfig({
    layers: 30,
    modelDim: 1024,
    textTokens: 256,
    melCodes: 8194,
    maxTextTokens: 402,
    maxMelTokens: 604,
  }),
  diffusion: {
    bands: 100,
    modelChannels: 1024,
    heads: 16,
    layers: 10,
    latentChannels: 1024,
    tokens: 8193,
  } satisfies DiffusionConfig,
  clvp: {
    dimText: 768,
    dimSpeech: 768,
    dimLatent: 768,
    numTextTokens: 256,
    numSpeechTokens: 8192,
    textEncDepth: 20,
    speechEncDepth: 20,
    textHeads: 12,
    speechHeads: 12,
    textFf: 1536,
    speechFf: 1536,
  },
  univnet: {
    bands: 100,
    noiseDim: 64,
    channels: 32,
    predictorDim: 64,
    predictorKernel: 3,
    kernelSize: 3,
    strides: [8, 8, 4],
    dilations: [1, 3, 9, 27],
    slope: 0.2,
  },
  hifigan: {
    latentDim: 1024,
    speakerDim: 1024,
    channels: 512,
    strides: [8, 8, 2, 2],
    kernelSizes: [3, 7, 11],
    dilations: [1, 3, 5],
  },
};
