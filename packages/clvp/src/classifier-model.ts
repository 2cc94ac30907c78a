import { expectShapes } from "@hawksbill/checkpoint";
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
import {
  attentionBlock,
  attentionBlockShapes,
  convolution,
  normalised,
} from "./attention-block.js";
import { countIn, lengthIn, namedWeight, type ShapeTable } from "./weights.js";

/** Sizes of a classifier; the released one's are in parentheses. */
export interface ClassifierConfig {
  /** Channels of the first stage; each further one has twice as many (32). */
  readonly baseChannels: number;
  /** Stages, each of which shortens the time to a quarter (5). */
  readonly depth: number;
  /** Residual blocks of a stage (2). */
  readonly resnetBlocks: number;
  /** Width of the convolutions; odd (5). */
  readonly kernelSize: number;
  /** Width of the attention blocks (512). */
  readonly embeddingDim: number;
  /** (4) */
  readonly attentionBlocks: number;
  /** Attention heads, which shapes do not tell (4). */
  readonly heads: number;
  /** (2: generated, recorded) */
  readonly classes: number;
}

/** Steps of time that become one; shapes do not tell it, and every known classifier has it. */
const downsampling = 4;

/** Names and shapes of all tensors, as in the state dict of the released classifier.pth. */
export function classifierShapes(config: ClassifierConfig): ShapeTable {
  const { baseChannels, depth, resnetBlocks, kernelSize, embeddingDim } = config;
  const shapes: Record<string, Shape> = {};
  const layer = (name: string, shape: Shape): void => {
    shapes[`${name}.weight`] = shape;
    shapes[`${name}.bias`] = shape.slice(0, 1);
  };
  layer("enc.init.0", [baseChannels, 1, 3]);
  for (let stage = 0; stage < depth; stage++) {
    const channels = baseChannels * 2 ** stage;
    const first = stage * (resnetBlocks + 1);
    for (let i = first; i < first + resnetBlocks; i++)
      for (const [norm, conv] of residualLayers(i)) {
        layer(norm, [channels]);
        layer(conv, [channels, channels, kernelSize]);
      }
    layer(`enc.res.${first + resnetBlocks}.op`, [2 * channels, channels, kernelSize]);
  }
  const last = baseChannels * 2 ** depth;
  layer("enc.final.0", [last]);
  layer("enc.final.2", [embeddingDim, last, 1]);
  for (let i = 0; i < config.attentionBlocks; i++)
    Object.assign(shapes, attentionBlockShapes(`enc.attn.${i}`, embeddingDim));
  layer("head", [config.classes, embeddingDim]);
  return shapes;
}

/** The norms and convolutions of a residual block, in order. */
function residualLayers(i: number): [norm: string, conv: string][] {
  const block = `enc.res.${i}`;
  return [
    [`${block}.in_layers.0`, `${block}.in_layers.2`],
    [`${block}.out_layers.0`, `${block}.out_layers.3`],
  ];
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
  const source = { file, model: "a classifier" };
  const resnetBlocks = countIn(weights, (i) => `enc.res.${i}.in_layers.0.weight`);
  const config = {
    baseChannels: lengthIn(weights, "enc.init.0.weight", 0, source),
    depth: countIn(weights, (i) => `enc.res.${i * (resnetBlocks + 1) + resnetBlocks}.op.weight`),
    resnetBlocks,
    kernelSize: lengthIn(weights, `enc.res.${resnetBlocks}.op.weight`, 2, source),
    embeddingDim: lengthIn(weights, "enc.final.2.weight", 0, source),
    attentionBlocks: countIn(weights, (i) => `enc.attn.${i}.norm.weight`),
    heads,
    classes: lengthIn(weights, "head.weight", 0, source),
  };
  expectShapes(weights, classifierShapes(config), file);
  return config;
}

/**
 * The logits of a waveform's classes; the first is "made by TorToiSe".
 *
 * @param waveform Samples at 24 kHz, [batch, 1, samples]. All of them count, so items are never padded.
 * @returns [batch, classes].
 */
export function classifierLogits(
  weights: Weights,
  waveform: Tensor,
  { resnetBlocks, depth, attentionBlocks, kernelSize, heads }: ClassifierConfig,
): Tensor {
  if (waveform.rank !== 3 || waveform.shape[1] !== 1)
    throw new ShapeError(
      `classifierLogits: the waveform is [${waveform.shape}]; give [batch, 1, samples]`,
    );
  const padding = (kernelSize - 1) / 2;
  let x = convolution(weights, "enc.init.0", waveform, { padding: 1 });
  for (let stage = 0; stage < depth; stage++) {
    const first = stage * (resnetBlocks + 1);
    const shortening = `enc.res.${first + resnetBlocks}.op`;
    for (let i = first; i < first + resnetBlocks; i++) x = residual(weights, i, x, padding);
    x = convolution(weights, shortening, x, { stride: downsampling, padding });
  }
  x = convolution(weights, "enc.final.2", silu(normalised(weights, "enc.final.0", x)));
  for (let i = 0; i < attentionBlocks; i++) x = attentionBlock(weights, `enc.attn.${i}`, x, heads);
  const first = squeeze(slice(x, { axis: 2, end: 1 }), 2); // It heard the others.
  return linear(first, namedWeight(weights, "head.weight"), namedWeight(weights, "head.bias"));
}

function residual(weights: Weights, i: number, x: Tensor, padding: number): Tensor {
  const layers = residualLayers(i);
  const inner = layers.reduce(
    (h, [norm, conv]) =>
      convolution(weights, conv, silu(normalised(weights, norm, h)), { padding }),
    x,
  );
  return add(x, inner);
}
