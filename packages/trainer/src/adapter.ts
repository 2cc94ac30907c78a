import { type Random, type Tensor, type Weights, zeros } from "@hawksbill/core";
import { isTable } from "./parameter-groups.js";
import { TrainingError } from "./training-error.js";

/**
 * Small matrices that are trained in place of a model's own: each adapted weight W becomes
 * W + alpha / rank · B · A, and W itself stays as it is.
 *
 * @see Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021.
 */
export interface Adapter {
  /** Rows of each A, columns of each B. */
  readonly rank: number;
  /** The change counts alpha / rank times: with another rank the learning rate may stay. */
  readonly alpha: number;
  /** The patterns that chose the adapted weights. */
  readonly layers: readonly string[];
  /** `<layer>.lora_A.weight` [rank, in, …kernel] and `<layer>.lora_B.weight` [out, rank, …1] for each `<layer>.weight`. */
  readonly weights: Weights;
}

export interface AdapterOptions {
  /** Default 16. */
  readonly rank?: number;
  /** Default: the rank. */
  readonly alpha?: number;
  /**
   * Names of weights, with or without `.weight` at the end; `*` stands for any letters. Default every
   * matrix and convolution that is no table of embeddings.
   */
  readonly layers?: readonly string[];
  /** Where the first numbers come from. */
  readonly random: Random;
}

/**
 * An adapter that changes nothing yet: A is random, B is 0.
 *
 * @param weights The base: only names and shapes count.
 * @throws {TrainingError} A pattern matches no matrix. {RangeError} Rank or alpha make no sense.
 */
export function initialiseAdapter(weights: Weights, options: AdapterOptions): Adapter {
  const { rank = 16, alpha = rank, random } = options;
  if (!Number.isInteger(rank) || rank < 1)
    throw new RangeError(`initialiseAdapter: rank is ${rank}; give a whole number >= 1, e.g. 16`);
  if (!Number.isFinite(alpha) || alpha <= 0)
    throw new RangeError(`initialiseAdapter: alpha is ${alpha}; give a number above 0, e.g. 16`);
  const adapted: Record<string, Tensor> = {};
  for (const name of chosenNames(weights, options.layers)) {
    const { inputs, outputs, kernel } = layerForm(name, weights[name] as Tensor);
    const { a, b } = adapterNames(name);
    const fanIn = kernel.reduce((size, n) => size * n, inputs);
    adapted[a] = random.fork(name).uniformWithin([rank, inputs, ...kernel], 1 / Math.sqrt(fanIn));
    adapted[b] = zeros([outputs, rank, ...kernel.map(() => 1)]);
  }
  return { rank, alpha, layers: options.layers ?? ["*"], weights: adapted };
}

/** How a weight multiplies its input. */
export interface LayerForm {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: readonly number[];
  /** Whether it is stored [in, out], not [out, in, …kernel]. */
  readonly isInOut: boolean;
}

/** The matrices that GPT-2 stores [in, out]. */
const inOutNames = /(^|\.)(c_attn|c_proj|c_fc)\.weight$/;

export function layerForm(name: string, { shape }: Tensor): LayerForm {
  const isInOut = shape.length === 2 && inOutNames.test(name);
  const [first = 1, second = 1, ...kernel] = shape;
  const [outputs, inputs] = isInOut ? [second, first] : [first, second];
  return { inputs, outputs, kernel, isInOut };
}

const suffix = ".weight";

/** Names of the two matrices that adapt a weight. */
export function adapterNames(name: string): { readonly a: string; readonly b: string } {
  const layer = name.slice(0, -suffix.length);
  return { a: `${layer}.lora_A.weight`, b: `${layer}.lora_B.weight` };
}

/** Names of the weights that an adapter changes. */
export function adaptedNames({ weights }: Pick<Adapter, "weights">): string[] {
  const end = ".lora_A.weight";
  return Object.keys(weights)
    .filter((name) => name.endsWith(end))
    .map((name) => `${name.slice(0, -end.length)}${suffix}`);
}

function chosenNames(weights: Weights, layers: readonly string[] | undefined): string[] {
  const matrices = Object.keys(weights).filter(
    (name) => name.endsWith(suffix) && (weights[name]?.rank ?? 0) >= 2,
  );
  if (layers === undefined) return matrices.filter((name) => !isTable(name));
  const chosen = new Set<string>();
  for (const pattern of layers) {
    const found = matrices.filter((name) => matches(pattern, name));
    if (found.length === 0)
      throw new TrainingError(
        `initialiseAdapter: "${pattern}" matches no matrix; name some of ${matrices.slice(0, 5).join(", ")}, …`,
      );
    for (const name of found) chosen.add(name);
  }
  return matrices.filter((name) => chosen.has(name));
}

function matches(pattern: string, name: string): boolean {
  const escaped = pattern.split("*").map((part) => part.replace(/[^\w]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".*")}(\\${suffix})?$`).test(name);
}
