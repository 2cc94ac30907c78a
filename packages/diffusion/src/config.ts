import { modelShapes, modelSizes } from "@hawksbill/checkpoint";
import type { Shape, Weights } from "@hawksbill/core";

/** Sizes of a diffusion decoder; the released one's are in parentheses. */
export interface DiffusionConfig {
  /** Mel bands (100). */
  readonly bands: number;
  /** Width (1024); the conditioning has twice as many numbers. */
  readonly modelChannels: number;
  /** Attention heads, of all blocks (16). */
  readonly heads: number;
  /** Blocks with attention that denoise (10); three without follow. */
  readonly layers: number;
  /** Width of the autoregressive model's latents (1024). */
  readonly latentChannels: number;
  /** Rows of the code embedding (8193). */
  readonly tokens: number;
}

/** How many blocks of each kind every such model has. */
export const blockCounts = {
  contextualEmbedder: 5,
  latentConditioner: 4,
  codeConverter: 3,
  timestepIntegrator: 3,
  /** At the end of `layers`, without attention. */
  lastLayers: 3,
} as const;

/** Rows of each table of relative positions. */
export const positionBuckets = 32;

/**
 * Names and shapes of all tensors, as in the state dict of the released diffusion_decoder.pth.
 *
 * @throws {RangeError} A size is not a whole number above 0, the width is odd, or heads do not divide it.
 */
export function diffusionShapes(config: DiffusionConfig): Readonly<Record<string, Shape>> {
  for (const [name, size] of Object.entries(config))
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`diffusionShapes: ${name} is ${size}; give a whole number of 1 or more`);
  const { modelChannels, heads } = config;
  if (modelChannels % 2 !== 0 || modelChannels % heads !== 0)
    throw new RangeError(
      `diffusionShapes: modelChannels is ${modelChannels} with ${heads} heads; give an even number that the heads divide`,
    );
  return modelShapes("diffusion", config);
}

/** What an attention block calls its table of relative positions. */
export const positionTable = "relative_pos_embeddings.relative_attention_bias.weight";

/** Blocks with attention that denoise. */
export function layerCount(weights: Weights): number {
  let count = 0;
  while (Object.hasOwn(weights, `layers.${count}.resblk.emb_layers.1.weight`)) count++;
  return count;
}

/**
 * The sizes of a diffusion decoder from the names and shapes of its weights, all of which are checked.
 *
 * @param file What errors call the weights; default "diffusion".
 * @throws {CheckpointError} A tensor is missing or has another shape than the others ask for.
 */
export function inferDiffusionConfig(weights: Weights, file = "diffusion"): DiffusionConfig {
  const names = [
    "bands",
    "modelChannels",
    "heads",
    "layers",
    "latentChannels",
    "tokens",
  ] as const satisfies readonly (keyof DiffusionConfig)[];
  return modelSizes("diffusion", weights, names, file);
}
