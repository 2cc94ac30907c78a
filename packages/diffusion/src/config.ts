import { CheckpointError, expectShapes } from "@hawksbill/checkpoint";
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
  const { bands, modelChannels: C, heads, layers, latentChannels, tokens } = config;
  if (C % 2 !== 0 || C % heads !== 0)
    throw new RangeError(
      `diffusionShapes: modelChannels is ${C} with ${heads} heads; give an even number that the heads divide`,
    );

  const shapes: Record<string, Shape> = {};
  const layer = (name: string, weight: Shape): void => {
    shapes[`${name}.weight`] = weight;
    shapes[`${name}.bias`] = weight.slice(0, 1);
  };
  const conv = (name: string, from: number, to: number, kernel: number): void =>
    layer(name, [to, from, kernel]);
  const attention = (name: string, channels = C): void => {
    layer(`${name}.norm`, [channels]);
    conv(`${name}.qkv`, channels, 3 * channels, 1);
    conv(`${name}.proj_out`, channels, channels, 1);
    shapes[`${name}.${positionTable}`] = [positionBuckets, heads];
  };
  const attentions = (part: string, first: number, count: number, channels = C): void => {
    for (let i = first; i < first + count; i++) attention(`${part}.${i}`, channels);
  };
  const residual = (name: string): void => {
    layer(`${name}.in_layers.0`, [C]);
    conv(`${name}.in_layers.2`, C, C, 1);
    layer(`${name}.emb_layers.1`, [2 * C, C]);
    layer(`${name}.out_layers.0`, [C]);
    conv(`${name}.out_layers.3`, C, C, 3);
  };
  const diffusionLayers = (part: string, count: number): void => {
    for (let i = 0; i < count; i++) {
      residual(`${part}.${i}.resblk`);
      attention(`${part}.${i}.attn`);
    }
  };

  shapes.unconditioned_embedding = [1, C, 1];
  conv("inp_block", bands, C, 3);
  layer("time_embed.0", [C, C]);
  layer("time_embed.2", [C, C]);
  shapes["code_embedding.weight"] = [tokens, C];
  attentions("code_converter", 0, blockCounts.codeConverter);
  layer("code_norm", [C]);
  conv("latent_conditioner.0", latentChannels, C, 3);
  attentions("latent_conditioner", 1, blockCounts.latentConditioner);
  conv("contextual_embedder.0", bands, C, 3);
  conv("contextual_embedder.1", C, 2 * C, 3);
  attentions("contextual_embedder", 2, blockCounts.contextualEmbedder, 2 * C);
  diffusionLayers("conditioning_timestep_integrator", blockCounts.timestepIntegrator);
  conv("integrating_conv", 2 * C, C, 1);
  conv("mel_head", C, bands, 3);
  diffusionLayers("layers", layers);
  for (let i = layers; i < layers + blockCounts.lastLayers; i++) residual(`layers.${i}`);
  layer("out.0", [C]);
  conv("out.2", C, 2 * bands, 3);
  return shapes;
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
  const shapeOf = (name: string, axes: number): Shape => {
    const shape = weights[name]?.shape;
    const problem = shape ? `is [${shape.join(", ")}], expected ${axes} axes` : "is missing";
    if (shape?.length !== axes)
      throw new CheckpointError(file, `${problem}; give the weights of a diffusion decoder`, {
        tensor: name,
      });
    return shape;
  };
  const [modelChannels = 0, bands = 0] = shapeOf("inp_block.weight", 3);
  const [tokens = 0] = shapeOf("code_embedding.weight", 2);
  const [, latentChannels = 0] = shapeOf("latent_conditioner.0.weight", 3);
  const [, heads = 0] = shapeOf(`latent_conditioner.1.${positionTable}`, 2);
  const layers = layerCount(weights);
  if (layers === 0) shapeOf("layers.0.resblk.emb_layers.1.weight", 2);
  const config = { bands, modelChannels, heads, layers, latentChannels, tokens };
  expectShapes(weights, diffusionShapes(config), file);
  return config;
}
