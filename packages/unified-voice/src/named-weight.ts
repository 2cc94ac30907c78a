import { weightFinder } from "@hawksbill/checkpoint";

export const namedWeight = weightFinder(
  "UnifiedVoice weights",
  "check them with inferConfig(weights)",
);
