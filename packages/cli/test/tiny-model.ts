import { Random } from "@hawksbill/core";
import { initialiseDvae } from "@hawksbill/dvae";
import { trainTokenizer } from "@hawksbill/text";
import { disposeModel, type Model } from "@hawksbill/tortoise";
import { saveModel } from "@hawksbill/tortoise/node";
import { initialise, unifiedVoiceConfig } from "@hawksbill/unified-voice";

export interface TinyModelOptions {
  /** Default 16. */
  readonly codes?: number;
  /** Of the UnifiedVoice; default 64. */
  readonly width?: number;
  /** Rows of its code embedding; default those of the dVAE. */
  readonly spokenCodes?: number;
}

/** Writes an untrained model into a folder, small enough to be trained in a test. */
export async function writeTinyModel(
  folder: string,
  options: TinyModelOptions = {},
): Promise<void> {
  const { codes = 16, width = 64, spokenCodes = codes } = options;
  const random = new Random(0);
  const alphabet = "abcdefghijklmnopqrstuvwxyz.,'!?";
  const tokenizer = trainTokenizer(["hello there"], { vocabularySize: 40, alphabet });
  const dvaeConfig = {
    channels: 80,
    tokens: codes,
    codebookDim: 8,
    hiddenDim: 8,
    resnetBlocks: 1,
    layers: 2,
    kernelSize: 3,
  };
  const config = unifiedVoiceConfig({
    layers: 1,
    modelDim: width,
    maxTextTokens: 40,
    maxMelTokens: 24,
    textTokens: tokenizer.vocabularySize + 1,
    melCodes: spokenCodes + 2,
    conditioningBlocks: 1,
  });
  const model: Model = {
    tokenizer,
    dvae: initialiseDvae(dvaeConfig, random.fork("dvae")),
    dvaeConfig,
    unifiedVoice: initialise(config, random.fork("unified voice")),
    config,
    settings: { learningRate: 1e-3 },
  };
  await saveModel(folder, model);
  disposeModel(model);
}
