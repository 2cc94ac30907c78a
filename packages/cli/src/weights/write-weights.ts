import { extname } from "node:path";
import { writePth, writeSafetensors } from "@hawksbill/checkpoint/node";
import type { Weights } from "@hawksbill/core";
import { CliError } from "../cli-error.js";

export const weightFormats = ["safetensors", "pth"] as const;
export type WeightFormat = (typeof weightFormats)[number];

/** The format that a file's name asks for; undefined for a folder. */
export function formatOf(path: string): WeightFormat | undefined {
  const extension = extname(path).toLowerCase();
  if (extension === ".safetensors") return "safetensors";
  return extension === ".pth" || extension === ".pt" ? "pth" : undefined;
}

/** Writes weights tensor by tensor; until all of the file is there, the one before it stays. */
export async function writeWeights(
  path: string,
  weights: Weights,
  options: { readonly format: WeightFormat; readonly metadata: Readonly<Record<string, string>> },
): Promise<void> {
  const write = { safetensors: writeSafetensors, pth: writePth }[options.format];
  await write(path, weights, options.metadata);
}

/** @throws {CliError} One of the files that are read would be written over. */
export function requireOther(out: string, inputs: readonly string[]): void {
  if (inputs.includes(out))
    throw new CliError(`--out is ${out}, which is read; choose another name`);
}
