import { CheckpointError, expectShapes } from "@hawksbill/checkpoint";
import type { Shape, Weights } from "@hawksbill/core";

/** Sizes of a dVAE; the released one has 80, 8192, 512, 512, 3, 2 and 3. */
export interface DvaeConfig {
  /** Mel bands. */
  readonly channels: number;
  /** Codes in the codebook. */
  readonly tokens: number;
  /** Length of a code's vector. */
  readonly codebookDim: number;
  /** Channels after the first convolution; each further layer doubles them. */
  readonly hiddenDim: number;
  /** Residual blocks in the encoder, and as many in the decoder; at least 1. */
  readonly resnetBlocks: number;
  /** Convolutions that halve the time; a code stands for 2^layers frames. */
  readonly layers: number;
  /** Width of those convolutions; odd. */
  readonly kernelSize: number;
}

/** Frames that one code stands for. */
export function framesPerCode(config: Pick<DvaeConfig, "layers">): number {
  return 2 ** config.layers;
}

/** The codebook's tensors: they follow the encoder's outputs and have no gradients. */
export const codebookNames = [
  "codebook.embed",
  "codebook.cluster_size",
  "codebook.embed_avg",
] as const;

/**
 * Names and shapes of all tensors, as in the state dict of the released dvae.pth.
 *
 * @throws {RangeError} A size is not a whole number above 0, or the kernel is even.
 */
export function dvaeShapes(config: DvaeConfig): Readonly<Record<string, Shape>> {
  for (const [name, size] of Object.entries(config))
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`dvaeShapes: ${name} is ${size}; give a whole number of 1 or more`);
  const { channels, tokens, codebookDim, hiddenDim, resnetBlocks, layers, kernelSize } = config;
  if (kernelSize % 2 === 0)
    throw new RangeError(`dvaeShapes: kernelSize is ${kernelSize}; give an odd number, e.g. 3`);

  const widths = Array.from({ length: layers }, (_, i) => hiddenDim * 2 ** i);
  const inner = hiddenDim * 2 ** (layers - 1);
  const shapes: Record<string, Shape> = {};
  const conv = (name: string, from: number, to: number, kernel: number): void => {
    shapes[`${name}.weight`] = [to, from, kernel];
    shapes[`${name}.bias`] = [to];
  };
  const resBlocks = (part: string, first: number): void => {
    for (let i = first; i < first + resnetBlocks; i++) {
      conv(`${part}.${i}.net.0`, inner, inner, 3);
      conv(`${part}.${i}.net.2`, inner, inner, 3);
      conv(`${part}.${i}.net.4`, inner, inner, 1);
    }
  };

  widths.forEach((width, i) => {
    conv(`encoder.${i}.0`, widths[i - 1] ?? channels, width, kernelSize);
  });
  resBlocks("encoder", layers);
  conv(`encoder.${layers + resnetBlocks}`, inner, codebookDim, 1);

  shapes["codebook.embed"] = [codebookDim, tokens];
  shapes["codebook.cluster_size"] = [tokens];
  shapes["codebook.embed_avg"] = [codebookDim, tokens];

  conv("decoder.0", codebookDim, inner, 1);
  resBlocks("decoder", 1);
  const rising = widths.toReversed();
  rising.forEach((width, i) => {
    conv(`decoder.${1 + resnetBlocks + i}.0.conv`, rising[i - 1] ?? inner, width, kernelSize);
  });
  conv(`decoder.${1 + resnetBlocks + layers}`, hiddenDim, channels, 1);
  return shapes;
}

/**
 * The sizes of a dVAE from the names and shapes of its weights, all of which are checked.
 *
 * @param file What errors call the weights; default "dvae".
 * @throws {CheckpointError} A tensor is missing or has another shape than the others ask for.
 */
export function inferDvaeConfig(weights: Weights, file = "dvae"): DvaeConfig {
  const count = (name: (i: number) => string): number => {
    let i = 0;
    while (Object.hasOwn(weights, name(i))) i++;
    return i;
  };
  const layers = count((i) => `encoder.${i}.0.weight`);
  const resnetBlocks = count((i) => `encoder.${layers + i}.net.0.weight`);
  const shapeOf = (name: string, axes: number): Shape => {
    const shape = weights[name]?.shape;
    const problem = shape ? `is [${shape.join(", ")}], expected ${axes} axes` : "is missing";
    if (shape?.length !== axes)
      throw new CheckpointError(file, `${problem}; give the weights of a dVAE`, { tensor: name });
    return shape;
  };
  const [hiddenDim = 0, channels = 0, kernelSize = 0] = shapeOf("encoder.0.0.weight", 3);
  if (resnetBlocks === 0) shapeOf(`encoder.${layers}.net.0.weight`, 3);
  const [codebookDim = 0, tokens = 0] = shapeOf("codebook.embed", 2);
  const config = { channels, tokens, codebookDim, hiddenDim, resnetBlocks, layers, kernelSize };
  expectShapes(weights, dvaeShapes(config), file);
  return config;
}
