import { weightFinder } from "@hawksbill/checkpoint";

export const namedWeight = weightFinder("weights");
