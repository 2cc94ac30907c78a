import type { BasePrecision } from "./base-precision.js";

/** One program for the whole model, or small ones, block by block; see `FinetuneOptions`. */
export type Programs = "whole" | "blocks";

/** Weights from which on a model is trained block by block: one program would take GB of activations. */
const blocksFrom = 64e6;

export interface ProgramNeeds {
  readonly basePrecision?: BasePrecision | undefined;
  readonly update?: "step" | "parts" | undefined;
}

/** How a model is trained where nobody says it. @param parameters Of the whole model. */
export function defaultPrograms(
  parameters: number,
  { basePrecision = "fp32", update = "step" }: ProgramNeeds = {},
): Programs {
  const areNeeded = basePrecision !== "fp32" || update === "parts";
  return areNeeded || parameters >= blocksFrom ? "blocks" : "whole";
}
