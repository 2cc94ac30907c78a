import { modelShapes, modelSizes } from "@hawksbill/checkpoint";
import {
  add,
  linear,
  type Shape,
  ShapeError,
  silu,
  slice,
  squeeze,
  type Tensor,
  type Weights,
} from "@hawksbill/core";
import { attentionBlock, convolution, normalised } from "./attention-block.js";
import { namedWeight } from "./named-weight.js";

/** Sizes of a classifier; the released one's are in parentheses. */
export interface ClassifierConfig {
  /** Channels of the waveform (1). */
  readonly specDim: number;
  /** Channels of the first stage; each further one has twice as many (32). */
  readonly baseChannels: number;
  /** Stages, each of which shortens the time to a quarter (5). */
  readonly depth: number;
  /** Residual blocks of a stage (2). */
  readonly resnetBlocks: number;
  /** Width of the residual blocks' convolutions; odd (5). */
  readonly kernelSize: number;
  /** Width of the convolutions that shorten; odd (5). */
  readonly downsampleKernel: number;
  /** Width of the attention blocks (512). */
  readonly embeddingDim: number;
  /** Attention blocks (4). */
  readonly attnBlocks: number;
  /** Attention heads, which shapes do not tell (4). */
  readonly heads: number;
  /** (2: generated, recorded) */
  readonly classes: number;
}

const sizes = [
  "specDim",
  "baseChannels",
  "depth",
  "resnetBlocks",
  "kernelSize",
  "downsampleKernel",
  "embeddingDim",
  "attnBlocks",
  "classes",
] as const satisfies readonly (keyof ClassifierConfig)[];

/** Steps of time that become one; shapes do not tell it, and every known classifier has it. */
const downsampling = 4;

/** Names and shapes of all tensors, as in the state dict of the released classifier.pth. */
export function classifierShapes(config: ClassifierConfig): Record<string, Shape> {
  return modelShapes("classifier", config);
}

/**
 * The sizes of a classifier from the names and shapes of its weights, all of which are checked.
 *
 * @param options.heads Shapes do not tell the number of heads; default 4, as the released one has.
 * @param options.file What errors call the weights; default "classifier".
 * @throws {CheckpointError} A tensor is missing or has another shape than the others ask for.
 */
export function inferClassifierConfig(
  weights: Weights,
  options: { readonly heads?: number; readonly file?: string } = {},
): ClassifierConfig {
  const { heads = 4, file = "classifier" } = options;
  return { ...modelSizes("classifier", weights, sizes, file), heads };
}

/**
 * The logits of a waveform's classes; the first is "made by TorToiSe".
 *
 * @param waveform Samples at 24 kHz, [batch, specDim = 1, samples]. All of them count, so items are never padded.
 * @returns [batch, classes].
 */
export function classifierLogits(
  weights: Weights,
  waveform: Tensor,
  config: ClassifierConfig,
): Tensor {
  const { specDim, resnetBlocks, depth, attnBlocks, kernelSize, downsampleKernel, heads } = config;
  if (waveform.rank !== 3 || waveform.shape[1] !== specDim)
    throw new ShapeError(
      `classifierLogits: the waveform is [${waveform.shape}]; give [batch, ${specDim}, samples]`,
    );
  const padding = (kernelSize - 1) / 2;
  let x = convolution(weights, "enc.init.0", waveform, { padding: 1 });
  for (let stage = 0; stage < depth; stage++) {
    const first = stage * (resnetBlocks + 1);
    const shortening = `enc.res.${first + resnetBlocks}.op`;
    for (let i = first; i < first + resnetBlocks; i++) x = residual(weights, i, x, padding);
    x = convolution(weights, shortening, x, {
      stride: downsampling,
      padding: (downsampleKernel - 1) / 2,
    });
  }
  x = convolution(weights, "enc.final.2", silu(normalised(weights, "enc.final.0", x)));
  for (let i = 0; i < attnBlocks; i++) x = attentionBlock(weights, `enc.attn.${i}`, x, heads);
  const first = squeeze(slice(x, { axis: 2, end: 1 }), 2); // It heard the others.
  return linear(first, namedWeight(weights, "head.weight"), namedWeight(weights, "head.bias"));
}

/** The norms and convolutions of a residual block. */
const residualLayers = [
  ["in_layers.0", "in_layers.2"],
  ["out_layers.0", "out_layers.3"],
] as const;

function residual(weights: Weights, i: number, x: Tensor, padding: number): Tensor {
  const block = `enc.res.${i}`;
  const inner = residualLayers.reduce((h, [norm, conv]) => {
    const excited = silu(normalised(weights, `${block}.${norm}`, h));
    return convolution(weights, `${block}.${conv}`, excited, { padding });
  }, x);
  return add(x, inner);
}
