import {
  type DatasetFacts,
  type Model,
  modelFacts,
  plan,
  usualDecoderSteps,
} from "@hawksbill/tortoise";
import type { Suggestions } from "../settings.js";

/** A page of WebAssembly has no more. */
const memoryMB = 4096;

/** The settings that suit clips and base, with the reasons of `plan`. */
export function suggestionsFor(model: Model, dataset: DatasetFacts, rank: number): Suggestions {
  const facts = modelFacts(model);
  const planned = plan(dataset, { memoryMB }, facts, rank > 0 ? { rank } : {});
  const { steps, batchSize, learningRate, evaluateEvery } = planned;
  const decoderSteps = usualDecoderSteps(model);
  return {
    steps,
    batchSize,
    learningRate,
    listenEvery: evaluateEvery,
    decoderSteps: {
      value: decoderSteps,
      why:
        decoderSteps > 0
          ? "a small base has to be told how the voice sounds."
          : "the base knows how all voices sound.",
    },
    memoryMB: planned.memoryMB,
  };
}
