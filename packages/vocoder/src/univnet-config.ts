import { modelShapes, modelSizes } from "@hawksbill/checkpoint";
import type { Shape, Weights } from "@hawksbill/core";

/** Sizes of a UnivNet; the released one's are in parentheses. */
export interface UnivnetConfig {
  /** Mel bands (100). */
  readonly bands: number;
  /** Channels of the noise that it shapes (64). */
  readonly noiseDim: number;
  /** Channels of the waveform inside (32). */
  readonly channels: number;
  /** Channels of the kernel predictors (64). */
  readonly predictorDim: number;
  /** Width of the kernel predictors' convolutions (3). */
  readonly predictorKernel: number;
  /** Width of the predicted kernels (3). */
  readonly kernelSize: number;
  /** How much longer each block makes its input (8, 8, 4); their product is the hop. */
  readonly strides: readonly number[];
  /** Dilation of each layer of a block (1, 3, 9, 27). Shapes do not tell them. */
  readonly dilations: readonly number[];
  /** Slope of the leaky rectifiers below 0 (0.2). Shapes do not tell it. */
  readonly slope: number;
}

/** What shapes do not tell of a UnivNet. */
export interface UnivnetSettings {
  /** Default powers of 3. */
  readonly dilations?: readonly number[];
  /** Default 0.2. */
  readonly slope?: number;
  /** What errors call the weights; default "UnivNet". */
  readonly file?: string;
}

/** Residual units of a kernel predictor. */
export const predictorUnits = 3;

/** Samples of a mel frame. */
export function univnetHop({ strides }: Pick<UnivnetConfig, "strides">): number {
  return strides.reduce((product, stride) => product * stride, 1);
}

/** Names and shapes of all tensors, as in the released vocoder.pth without weight normalisation. */
export function univnetShapes(config: UnivnetConfig): Record<string, Shape> {
  const { strides, dilations } = config;
  return modelShapes("univnet", {
    ...config,
    stages: strides.length,
    convBlocks: dilations.length,
    weightNorm: 0,
    ...Object.fromEntries(strides.map((stride, i) => [`stride${i}`, stride])),
  });
}

const sizes = [
  "bands",
  "noiseDim",
  "channels",
  "predictorDim",
  "predictorKernel",
  "kernelSize",
  "stages",
  "convBlocks",
] as const;

/**
 * The sizes of a UnivNet from the names and shapes of its weights, all of which are checked; with weight
 * normalisation (`weight_g` and `weight_v`) or without it.
 *
 * @throws {CheckpointError} A tensor is missing or has another shape than the others ask for.
 */
export function inferUnivnetConfig(weights: Weights, options: UnivnetSettings = {}): UnivnetConfig {
  const { slope = 0.2, file = "UnivNet" } = options;
  const { stages, convBlocks, ...found } = modelSizes("univnet", weights, sizes, file);
  const strideNames = Array.from({ length: stages }, (_, i) => `stride${i}`);
  return {
    ...found,
    strides: Object.values(modelSizes("univnet", weights, strideNames, file)),
    dilations: options.dilations ?? Array.from({ length: convBlocks }, (_, i) => 3 ** i),
    slope,
  };
}
