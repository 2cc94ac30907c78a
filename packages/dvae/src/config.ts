import { modelShapes, modelSizes } from "@hawksbill/checkpoint";
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
  if (config.kernelSize % 2 === 0)
    throw new RangeError(
      `dvaeShapes: kernelSize is ${config.kernelSize}; give an odd number, e.g. 3`,
    );
  return modelShapes("dvae", config);
}

/**
 * The sizes of a dVAE from the names and shapes of its weights, all of which are checked.
 *
 * @param file What errors call the weights; default "dvae".
 * @throws {CheckpointError} A tensor is missing or has another shape than the others ask for.
 */
export function inferDvaeConfig(weights: Weights, file = "dvae"): DvaeConfig {
  const names = [
    "channels",
    "tokens",
    "codebookDim",
    "hiddenDim",
    "resnetBlocks",
    "layers",
    "kernelSize",
  ] as const satisfies readonly (keyof DvaeConfig)[];
  return modelSizes("dvae", weights, names, file);
}
