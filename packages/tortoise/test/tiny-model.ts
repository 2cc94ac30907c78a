import { arMel } from "@hawksbill/audio";
import { Random } from "@hawksbill/core";
import type { Clip } from "@hawksbill/dataset";
import { initialiseDvae } from "@hawksbill/dvae";
import { trainTokenizer } from "@hawksbill/text";
import { initialise, unifiedVoiceConfig } from "@hawksbill/unified-voice";
import type { Model } from "../src/model.js";

/** An untrained model, small enough to be trained in a test: two blocks of width 64. */
export function tinyModel(layers = 2): Model {
  const random = new Random(0);
  const alphabet = "abcdefghijklmnopqrstuvwxyz.,'!?";
  const tokenizer = trainTokenizer(["hello there"], { vocabularySize: 40, alphabet });
  const dvaeConfig = {
    channels: 80,
    tokens: 16,
    codebookDim: 8,
    hiddenDim: 8,
    resnetBlocks: 1,
    layers: 2,
    kernelSize: 3,
  };
  const config = unifiedVoiceConfig({
    layers,
    modelDim: 64,
    maxTextTokens: 40,
    maxMelTokens: 30,
    textTokens: tokenizer.vocabularySize + 1,
    melCodes: dvaeConfig.tokens + 2,
    conditioningBlocks: 1,
  });
  return {
    tokenizer,
    dvae: initialiseDvae(dvaeConfig, random.fork("dvae")),
    dvaeConfig,
    unifiedVoice: initialise(config, random.fork("unified voice")),
    config,
    settings: { learningRate: 1e-3 },
  };
}

/** Hums with texts, about a second each. */
export function tinyClips({ tokenizer }: Model, count = 4): Clip[] {
  return Array.from({ length: count }, (_, i): Clip => {
    const samples = Float32Array.from(
      { length: 15_000 + 1024 * i },
      (_, t) => 0.3 * Math.sin((2 * Math.PI * (120 + 30 * i) * t) / 22_050) ** 3,
    );
    const text = "hello there".slice(0, 5 + i);
    return {
      id: `clip-${i}`,
      text,
      path: `clip-${i}.wav`,
      list: "metadata.csv",
      line: i + 1,
      tokens: Int32Array.from(tokenizer.encode(text)),
      samples,
      mel: arMel(samples),
      seconds: samples.length / 22_050,
    };
  });
}
