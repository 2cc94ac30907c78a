import { basename } from "node:path";
import type { Weights } from "@hawksbill/core";
import {
  combineAdapters,
  combineWeights,
  mergedLazily,
  requireBase,
  type SavedAdapter,
  weightsHash,
} from "@hawksbill/trainer";
import { CliError } from "../cli-error.js";
import { version } from "../version.js";
import type { OpenedAdapter, OpenedModel } from "./open-weights.js";

/** What became of several: the inputs stay open until it is written. */
export type Merged = MergedModel | MergedAdapter;

interface MergedModel {
  readonly type: "model";
  /** In words. */
  readonly what: string;
  readonly weights: Weights;
  /** In the order of `weights`. */
  readonly models: readonly OpenedModel[];
  /** How much each of `models` counts. */
  readonly shares: readonly number[];
  readonly metadata: Readonly<Record<string, string>>;
}

interface MergedAdapter {
  readonly type: "adapter";
  readonly what: string;
  readonly adapter: SavedAdapter;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Makes one of several models and adapters; of models, nothing is computed before it is read.
 *
 * @param given How much each counts; default all alike, 1 together.
 * @param options.onInput Told before an input is read, for its hash.
 * @throws {CliError} They do not go together. {TrainingError} Their tensors do not, or an adapter is of another base.
 */
export async function merged(
  inputs: readonly (OpenedModel | OpenedAdapter)[],
  given: readonly number[] | undefined,
  options: { readonly onInput: (name: string) => void },
): Promise<Merged> {
  const models = inputs.filter((input) => input.type === "model");
  const adapters = inputs.filter((input) => input.type === "adapter");
  const [base] = models;
  if (adapters.length === 0) return mean(models, given, options);
  if (models.length > 1)
    throw new CliError(
      `${models.map(({ name }) => name).join(" and ")} are models, and there are adapters; give one model to merge them into, or none to make one adapter of them`,
    );
  if (!base && adapters.length === 1) throw alone(adapters);
  const shares = sharesOf(adapters, given);
  const hashes: string[] = [];
  for (const { name, adapter } of adapters) {
    options.onInput(name);
    hashes.push(await weightsHash(adapter.weights));
  }
  const adapter = await combineAdapters(
    adapters.map(({ name, adapter }, i) => ({ name, adapter, share: shares[i] as number })),
  );
  const parts = noted(adapters, shares, hashes);
  if (!base)
    return {
      type: "adapter",
      what: `an adapter of rank ${adapter.rank}`,
      adapter,
      metadata: mergeNote(parts),
    };
  options.onInput(base.name);
  const weights = { ...base.weights, ...base.extras };
  for (const one of adapters) await requireBase(weights, one.adapter, one.name);
  return {
    type: "model",
    what: `${base.name} with ${adapters.map(({ name }) => name).join(" and ")}`,
    weights: mergedLazily(weights, adapter),
    models: [base],
    shares: [1],
    metadata: mergeNote([{ name: basename(base.name), share: 1, sha256: adapter.base }, ...parts]),
  };
}

async function mean(
  models: readonly OpenedModel[],
  given: readonly number[] | undefined,
  { onInput }: { readonly onInput: (name: string) => void },
): Promise<MergedModel> {
  if (models.length < 2) throw alone(models);
  const [first, ...others] = models as [OpenedModel, ...OpenedModel[]];
  for (const other of others)
    if (other.kind !== first.kind)
      throw new CliError(
        `${first.name} is a ${first.title}, ${other.name} a ${other.title}; give models of one kind`,
      );
  const shares = sharesOf(models, given);
  const sum = shares.reduce((a, b) => a + b, 0);
  if (Math.abs(sum - 1) > 1e-6)
    throw new CliError(
      `--weights are ${shares.join(", ")}, ${sum} together, so all of the model would be ${sum} times as large; give numbers that are 1 together`,
    );
  const parts = models.map(({ name, weights, extras }, i) => ({
    name,
    weights: { ...weights, ...extras },
    share: shares[i] as number,
  }));
  const weights = combineWeights(parts); // Before anything is read: it says what does not fit.
  const hashes: string[] = [];
  for (const part of parts) {
    onInput(part.name);
    hashes.push(await weightsHash(part.weights));
  }
  return {
    type: "model",
    what: models.map(({ name }, i) => `${shares[i]} · ${name}`).join(" + "),
    weights,
    models,
    shares,
    metadata: mergeNote(noted(models, shares, hashes)),
  };
}

function alone(inputs: readonly { readonly name: string }[]): CliError {
  const [name = "nothing"] = inputs.map((input) => input.name);
  return new CliError(
    `${name} is alone, and there is nothing to merge it with; give two or more (hawksbill export writes one as it is)`,
  );
}

function sharesOf(
  parts: readonly { readonly name: string }[],
  given: readonly number[] | undefined,
): readonly number[] {
  if (given === undefined) return parts.map(() => 1 / parts.length);
  if (given.length === parts.length) return given;
  throw new CliError(
    `--weights has ${given.length} numbers for ${parts.length} parts (${parts.map(({ name }) => name).join(", ")}); give one for each`,
  );
}

interface Part {
  readonly name: string;
  readonly share: number;
  readonly sha256: string;
}

function noted(
  inputs: readonly { readonly name: string }[],
  shares: readonly number[],
  hashes: readonly string[],
): Part[] {
  return inputs.map(({ name }, i) => ({
    name: basename(name),
    share: shares[i] as number,
    sha256: hashes[i] as string,
  }));
}

/** What the result says of where it comes from. */
function mergeNote(parts: readonly Part[]): Record<string, string> {
  return { "hawksbill.merge": JSON.stringify({ parts, hawksbill: version }) };
}
