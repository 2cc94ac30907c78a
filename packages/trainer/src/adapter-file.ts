import type { Tensor, Weights } from "@hawksbill/core";
import type { Adapter } from "./adapter.js";
import { TrainingError } from "./training-error.js";
import { parseVersioned } from "./versioned-json.js";
import { weightsHash } from "./weights-hash.js";

/** An adapter, and which base it was made for. */
export interface SavedAdapter extends Adapter {
  /** `weightsHash` of the base. */
  readonly base: string;
}

/** An adapter as a safetensors file can hold it. */
export interface EncodedAdapter {
  readonly tensors: Weights;
  /** Rank, alpha, layers and the base's hash, as JSON under one key. */
  readonly metadata: Record<string, string>;
}

const metadataKey = "hawksbill.adapter";
/** To be raised when older code could no longer read the adapter rightly. */
const formatVersion = 1;

/** Puts an adapter into the form of a safetensors file, e.g. for `writeSafetensors`. Nothing is copied. */
export function encodeAdapter({ weights, ...rest }: SavedAdapter): EncodedAdapter {
  const { rank, alpha, layers, base } = rest;
  const json = JSON.stringify({ version: formatVersion, rank, alpha, layers, base });
  return { tensors: weights, metadata: { [metadataKey]: json } };
}

/**
 * The adapter in a safetensors file that `encodeAdapter` filled.
 *
 * @param file What error messages call the file.
 * @throws {TrainingError} It holds no adapter, half of one, or one of a newer version.
 */
export function decodeAdapter(
  encoded: { readonly tensors: Record<string, Tensor>; readonly metadata: Record<string, string> },
  file = "the adapter",
): SavedAdapter {
  const json = encoded.metadata[metadataKey];
  if (json === undefined)
    throw new TrainingError(
      `${file}: it holds no adapter; give a file that training with one saved`,
    );
  const form = { file, what: "adapter", version: formatVersion };
  const { rank, alpha, layers, base } = parseVersioned(json, form);
  const isWhole =
    Number.isSafeInteger(rank) &&
    Number(rank) >= 1 &&
    Number.isFinite(alpha) &&
    Array.isArray(layers) &&
    layers.every((layer) => typeof layer === "string") &&
    /^[0-9a-f]{64}$/.test(`${base}`);
  if (!isWhole) throw new TrainingError(`${file}: its adapter is damaged; use another copy`);
  requirePairs(encoded.tensors, file);
  return {
    rank: Number(rank),
    alpha: Number(alpha),
    layers,
    base: `${base}`,
    weights: encoded.tensors,
  };
}

/**
 * Makes sure that an adapter meets the weights it was made for: on others it makes noise.
 *
 * @param file What error messages call the adapter.
 * @throws {TrainingError} They are other weights.
 */
export async function requireBase(
  weights: Weights,
  { base }: Pick<SavedAdapter, "base">,
  file = "the adapter",
): Promise<void> {
  const hash = await weightsHash(weights);
  if (hash !== base)
    throw new TrainingError(
      `${file}: it was made for other weights (sha256 ${base.slice(0, 12)}…) than these (${hash.slice(0, 12)}…); give the base that it was trained on`,
    );
}

/** One matrix of a pair alone would change nothing, and nobody would notice. */
function requirePairs(tensors: Readonly<Record<string, Tensor>>, file: string): void {
  for (const name of Object.keys(tensors)) {
    const other = name.replace(/lora_[AB](?=\.weight$)/, (half) =>
      half === "lora_A" ? "lora_B" : "lora_A",
    );
    if (!(other in tensors))
      throw new TrainingError(
        `${file}: its adapter has "${name}", but not "${other}"; use another copy`,
      );
  }
}
