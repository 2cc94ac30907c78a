import { type DatasetFacts, type Model, modelFacts, plan } from "@hawksbill/tortoise";
import type { Suggestions } from "../settings.js";

/** A page of WebAssembly has no more. */
const memoryMB = 4096;
/** Codes of the released dVAE. It knows how all voices sound; a smaller one has to be told. */
const releasedCodes = 8192;

/** The settings that suit clips and base, with the reasons of `plan`. */
export function suggestionsFor(model: Model, dataset: DatasetFacts, rank: number): Suggestions {
  const facts = modelFacts(model);
  const planned = plan(dataset, { memoryMB }, facts, rank > 0 ? { rank } : {});
  const { steps, batchSize, learningRate, evaluateEvery } = planned;
  const isSmall = model.dvaeConfig.tokens < releasedCodes;
  return {
    steps,
    batchSize,
    learningRate,
    listenEvery: evaluateEvery,
    decoderSteps: isSmall
      ? { value: 600, why: "a small base has to be told how the voice sounds." }
      : { value: 0, why: "the base knows how all voices sound." },
    memoryMB: planned.memoryMB,
  };
}
